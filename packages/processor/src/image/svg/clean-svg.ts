import { CorruptInputError, UnsafeSvgError } from "../../errors.js";
import { loadSaxes } from "./load-saxes.js";
import { SvgBudget } from "./svg-budget.js";
import { references, safeElements, unsafeElements } from "./svg-names.js";

/** Options of {@link cleanSvg}. */
export interface CleanSvgOptions {
  /** How many elements it may have, those counted again that are used again. @default 50,000 */
  readonly maxElements?: number;
}

/** What {@link cleanSvg} resolves to. */
export interface CleanedSvg {
  /** The SVG, written anew of what is safe in it. */
  readonly svg: string;
  /** What was taken out because it could reach outside or run something; empty when the SVG was safe. */
  readonly unsafe: readonly string[];
}

const svgNamespace = "http://www.w3.org/2000/svg";
const xlinkNamespace = "http://www.w3.org/1999/xlink";
const xmlNamespace = "http://www.w3.org/XML/1998/namespace";
/** Deeper ones are made to exhaust a stack. */
const maxDepth = 100;

/**
 * Writes an SVG anew of what is known to be safe: no scripts, no event handlers, no embedded HTML, images or fonts, no
 * entities, no reference to anything but its own parts, in attributes and in styles. Animations, and what editors leave
 * behind, are left out too. Nothing is fetched or read.
 *
 * @throws CorruptInputError (`ERR_PROCESSOR_CORRUPT`) when it is no XML with an `svg` at its root; UnsafeSvgError
 * (`ERR_PROCESSOR_UNSAFE_SVG`) when it declares entities, is deeper than 100, or its parts use each other in a circle;
 * LimitExceededError (`ERR_PROCESSOR_LIMIT`) beyond `maxElements`; PeerMissingError (`ERR_PEER_MISSING`) without saxes.
 */
export async function cleanSvg(
  content: string | Uint8Array,
  options: CleanSvgOptions = {},
): Promise<CleanedSvg> {
  const { SaxesParser } = await loadSaxes();
  const budget = new SvgBudget(options.maxElements ?? 50_000);
  const unsafe: string[] = [];
  const out: string[] = [];
  const open: (string | undefined)[] = [];
  let style: string | undefined;
  /** How many elements deep we are in something that is left out. */
  let skipping = 0;

  const parser = new SaxesParser({ xmlns: true, position: false });
  parser.on("error", (error) => {
    throw corrupt(error.message, error);
  });
  parser.on("doctype", (doctype) => {
    if (doctype.includes("["))
      throw new UnsafeSvgError("the SVG is not safe: it declares entities");
  });
  parser.on("processinginstruction", ({ target }) => {
    unsafe.push(`<?${target}?>`);
  });
  parser.on("opentag", (tag) => {
    const { local, uri, attributes, isSelfClosing: _ } = tag;
    if (open.length === 0 && (uri !== svgNamespace || local !== "svg")) {
      throw corrupt(`its root is <${tag.name}>`);
    }
    if (open.length >= maxDepth) {
      throw new UnsafeSvgError(`the SVG is not safe: it is more than ${maxDepth} elements deep`);
    }
    const kept = skipping === 0 && uri === svgNamespace && safeElements.has(local);
    if (unsafeElements.has(local)) unsafe.push(`<${tag.name}>`);
    open.push(kept ? local : undefined);
    if (!kept) {
      skipping += 1;
      return;
    }
    const refers: string[] = [];
    const written = Object.values(attributes).map((attribute) =>
      attributeOf(attribute, local, unsafe, refers),
    );
    budget.begin(attributes["id"]?.value, refers);
    const root =
      open.length === 1 ? ` xmlns="${svgNamespace}" xmlns:xlink="${xlinkNamespace}"` : "";
    out.push(`<${local}${root}${written.join("")}>`);
    if (local === "style") style = "";
  });
  const text = (value: string): void => {
    if (skipping > 0 || open.length === 0) return;
    if (style === undefined) out.push(escape(value));
    else style += value;
  };
  parser.on("text", text);
  parser.on("cdata", text);
  parser.on("closetag", () => {
    const local = open.pop();
    if (local === undefined) {
      skipping -= 1;
      return;
    }
    if (local === "style" && style !== undefined) {
      if (isSafeStyle(style)) out.push(escape(style));
      else unsafe.push("<style> that refers to something outside");
      style = undefined;
    }
    budget.end();
    out.push(`</${local}>`);
  });

  parser.write(typeof content === "string" ? content : decode(content)).close();
  const circle = budget.settle();
  if (circle !== undefined) {
    throw new UnsafeSvgError(`the SVG is not safe: ${JSON.stringify(circle)} uses itself`);
  }
  return { svg: out.join(""), unsafe };
}

interface Attribute {
  readonly name: string;
  readonly local: string;
  readonly prefix: string;
  readonly uri: string;
  readonly value: string;
}

/** An attribute as it is written; nothing for one that is left out. */
function attributeOf(
  { name, local, prefix, uri, value }: Attribute,
  element: string,
  unsafe: string[],
  refers: string[],
): string {
  if (prefix === "xmlns" || name === "xmlns") return "";
  const own = uri === "" || uri === xlinkNamespace || uri === xmlNamespace;
  if (!own) return "";
  const what = `${name} of <${element}>`;
  if (/^on/i.test(local)) {
    unsafe.push(what);
    return "";
  }
  if (references.has(local.toLowerCase())) {
    const id = /^\s*#([^\s"'()<>\\]+)\s*$/.exec(value)?.[1];
    // a link to a page loads nothing by itself, and is only left out
    if (id === undefined && !(element === "a" && /^\s*(https?|mailto):/i.test(value))) {
      unsafe.push(`${what}: ${JSON.stringify(value.slice(0, 60))}`);
    }
    if (id === undefined) return "";
    refers.push(id);
    return ` ${uri === xlinkNamespace ? "xlink:" : ""}${local}="#${escape(id)}"`;
  }
  if (uri === xlinkNamespace) return "";
  if (!isSafeStyle(value)) {
    unsafe.push(`${what}: ${JSON.stringify(value.slice(0, 60))}`);
    return "";
  }
  for (const [, id] of value.matchAll(/url\(\s*["']?#([^"')\s]+)/gi)) refers.push(id!);
  return ` ${uri === xmlNamespace ? "xml:" : ""}${local}="${escape(value)}"`;
}

/** Whether CSS, or an attribute that may hold some, refers to nothing but parts of the SVG; escapes could hide that. */
function isSafeStyle(css: string): boolean {
  if (
    /[\\]|@import|@charset|@namespace|expression\s*\(|javascript:|image-set|-moz-binding|src\s*\(/i.test(
      css,
    )
  ) {
    return false;
  }
  return !/url\((?!\s*(["']?)#[^"'()\s]+\1\s*\))/i.test(css);
}

function decode(bytes: Uint8Array): string {
  try {
    // an encoding of its own in the prolog is not followed: the parser sees what we see, and so does who gets the result
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw corrupt("it is no UTF-8 text", cause);
  }
}

function corrupt(why: string, cause?: unknown): Error {
  return new CorruptInputError(`the SVG can't be read: ${why}`, {
    ...(cause !== undefined && { cause }),
    publicMessage: "The SVG is damaged.",
  });
}

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
