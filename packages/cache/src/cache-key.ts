const maxKeyLength = 512;
const maxPrefixLength = 256;
// most keys have none of these, and the question is asked before every one
const suspicious = /[\0\ud800-\udfff]/;
const unstorable = /\0|\p{Surrogate}/u;

// How keys are kept apart in one store: a namespace is "@name:", its name percent-encoded, so that it holds neither "@" nor
// ":"; a key that begins with "@" gets another one; what the cache needs for itself begins with "@#", which no name can.

/** The prefix of the keys of a namespace within another. @throws TypeError, RangeError when a name can't be. */
export function namespacePrefix(outer: string, name: string): string {
  if (typeof name !== "string") throw new TypeError(`name must be a string, got ${typeof name}`);
  checkText(name, "name");
  const prefix = `${outer}@${encodeURIComponent(name)}:`;
  if (name === "" || prefix.length > maxPrefixLength) {
    throw new RangeError(
      `name must be 1 to ${maxPrefixLength} characters, encoded and with all namespaces around it, got ${JSON.stringify(name.slice(0, 80))}`,
    );
  }
  return prefix;
}

/** A key with its namespace. @throws TypeError when it is no string, RangeError when it is empty or too long. */
export function fullKey(prefix: string, key: string): string {
  if (typeof key !== "string" || key.length === 0 || key.length > maxKeyLength) throw refused(key);
  if (key.charCodeAt(0) === 64) return `${prefix}@${key}`;
  return prefix === "" ? key : prefix + key;
}

function refused(key: unknown): Error {
  return typeof key === "string"
    ? new RangeError(`key must be 1 to ${maxKeyLength} characters, got ${key.length}`)
    : new TypeError(`key must be a string, got ${typeof key}`);
}

/** What not every store can hold. @throws RangeError when a key or tag has a NUL or half of a character in it. */
export function checkText(text: string, name: string): void {
  if (suspicious.test(text) && unstorable.test(text)) {
    throw new RangeError(
      `${name} must be without NUL and halves of characters, got ${JSON.stringify(text.slice(0, 80))}`,
    );
  }
}

/** The key of a store's key in the namespace of a prefix; `undefined` when it stands in another one or is the cache's own. */
export function keyWithin(prefix: string, full: string): string | undefined {
  if (!full.startsWith(prefix)) return undefined;
  const key = full.slice(prefix.length);
  if (key.charCodeAt(0) !== 64) return key;
  return key.charCodeAt(1) === 64 ? key.slice(1) : undefined;
}

/** The names of the namespaces of a prefix, joined by slashes; empty for the outermost. */
export function namespaceOf(prefix: string): string {
  return [...prefix.matchAll(/@([^:]*):/g)].map(([, name]) => decodeURIComponent(name!)).join("/");
}

/** Where the token of a tag is kept. */
export function tagKey(tag: string): string {
  return `@#t:${tag}`;
}

/** Where the lock of a key is kept. */
export function lockKey(full: string): string {
  return `@#l:${full}`;
}

/** @throws TypeError, RangeError when tags are not what they must be: 1 to 512 characters each. */
export function checkTags(tags: readonly string[]): readonly string[] {
  if (!Array.isArray(tags))
    throw new TypeError(`tags must be a list of strings, got ${typeof tags}`);
  for (const tag of tags as readonly unknown[]) {
    if (typeof tag !== "string") throw new TypeError(`a tag must be a string, got ${typeof tag}`);
    if (tag.length === 0 || tag.length > maxKeyLength) {
      throw new RangeError(`a tag must be 1 to ${maxKeyLength} characters, got ${tag.length}`);
    }
    checkText(tag, "a tag");
  }
  return tags.length > 1 ? [...new Set(tags)] : tags;
}
