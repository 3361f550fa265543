import type { StandardSchema, Topic } from "@infra/interfaces";

/** Options of {@link defineTopic}. */
export interface DefineTopicOptions<Message> {
  /** Checks and types messages, on both sides. Any library that speaks Standard Schema: Zod, Valibot, ArkType, … */
  readonly schema?: StandardSchema<Message> | undefined;
}

const longest = 256;
const part = /^[A-Za-z0-9_:@+~-]+$/;
const neverParts = new Set(["__proto__", "constructor", "prototype"]);

/**
 * Names a kind of message and gives it its type: `defineTopic<Order>("orders.created")`.
 *
 * @throws RangeError when the name is no topic: parts of letters, digits and `_ : @ + ~ -` with dots between them, at most 256
 * characters, none of them `__proto__`, `constructor` or `prototype`.
 */
export function defineTopic<Message>(
  name: string,
  { schema }: DefineTopicOptions<Message> = {},
): Topic<Message> {
  checkTopic(name, "defineTopic: name");
  return Object.freeze({ name, ...(schema && { schema }) });
}

/** @throws RangeError when it is no topic; `what` names the argument. */
export function checkTopic(name: unknown, what: string): asserts name is string {
  const wrong = wrongTopic(name);
  if (wrong) throw new RangeError(`${what} must be a topic such as "orders.created": ${wrong}`);
}

/** @throws RangeError when it is neither a topic nor a pattern; `what` names the argument. */
export function checkPattern(name: unknown, what: string): asserts name is string {
  const wrong = wrongPattern(name);
  if (wrong) {
    throw new RangeError(
      `${what} must be a topic or a pattern such as "orders.*" or "orders.#": ${wrong}`,
    );
  }
}

/** What keeps a text from being a topic; `undefined` when nothing does. */
export function wrongTopic(name: unknown): string | undefined {
  return wrongParts(name, (each) => part.test(each));
}

/** What keeps a text from being a topic or a pattern; `undefined` when nothing does. */
export function wrongPattern(name: unknown): string | undefined {
  return wrongParts(
    name,
    (each, last) => each === "*" || (last && each === "#") || part.test(each),
  );
}

function wrongParts(
  name: unknown,
  allowed: (part: string, last: boolean) => boolean,
): string | undefined {
  if (typeof name !== "string") return `got ${name === null ? "null" : typeof name}`;
  if (name.length > longest) return `got ${name.length} characters, ${longest} is the most`;
  const parts = name.split(".");
  for (const [at, each] of parts.entries()) {
    if (!allowed(each, at === parts.length - 1)) return `got ${JSON.stringify(name)}`;
    if (neverParts.has(each)) return `a part can't be ${JSON.stringify(each)}`;
  }
  return undefined;
}

/** Whether a topic has wildcards. */
export function isPattern(name: string): boolean {
  return /(^|\.)[*#](\.|$)/.test(name);
}

/** Makes the test whether a topic matches: `*` is one part, `#` at the end none or more. */
export function topicMatcher(pattern: string): (topic: string) => boolean {
  if (!isPattern(pattern)) return (topic) => topic === pattern;
  const wanted = pattern.split(".");
  const open = wanted.at(-1) === "#";
  if (open) wanted.pop();
  return (topic) => {
    const parts = topic.split(".");
    if (open ? parts.length < wanted.length : parts.length !== wanted.length) return false;
    return wanted.every((each, at) => each === "*" || each === parts[at]);
  };
}

/** Whether every topic that `pattern` matches is one that `wide` matches. */
export function coversPattern(wide: string, pattern: string): boolean {
  const wanted = wide.split(".");
  const parts = pattern.split(".");
  const open = wanted.at(-1) === "#";
  if (open) wanted.pop();
  if (!open && (parts.length !== wanted.length || parts.at(-1) === "#")) return false;
  if (open && parts.filter((each) => each !== "#").length < wanted.length) return false;
  return wanted.every((each, at) => each === parts[at] || (each === "*" && parts[at] !== "#"));
}
