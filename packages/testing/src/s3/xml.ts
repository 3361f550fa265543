/** An element: its name, and its text or its children. */
export type XmlElement = readonly [
  name: string,
  content: string | number | boolean | readonly XmlElement[],
];

/** A document of one element. */
export function toXml(element: XmlElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${write(element)}`;
}

function write([name, content]: XmlElement): string {
  const inner = Array.isArray(content)
    ? (content as readonly XmlElement[]).map(write).join("")
    : escape(String(content));
  return `<${name}>${inner}</${name}>`;
}

function escape(text: string): string {
  return text.replaceAll(/[<>&"'\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** What stands in every element of a name, in order: enough for the few documents that clients send. */
export function elementsOf(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`, "g"))].map(
    (match) => match[1]!,
  );
}

/** The text of the first element of a name. */
export function textOf(xml: string, name: string): string | undefined {
  const [text] = elementsOf(xml, name);
  return text?.replaceAll(/&(#x?[0-9a-f]+|\w+);/gi, (_all, entity: string) => {
    const named: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
    if (!entity.startsWith("#")) return named[entity] ?? "";
    const isHex = entity[1] === "x" || entity[1] === "X";
    return String.fromCodePoint(Number.parseInt(entity.slice(isHex ? 2 : 1), isHex ? 16 : 10));
  });
}
