/**
 * Joins parts so that no other parts give the same bytes: each has its length before it, and one that is missing differs
 * from one that is empty. What is signed or bound has to be joined like this: plain joining makes "ab" + "c" and
 * "a" + "bc" the same.
 */
export function frame(...parts: readonly (string | Uint8Array | undefined)[]): Buffer {
  const joined: Uint8Array[] = [];
  for (const part of parts) {
    const bytes = typeof part === "string" ? Buffer.from(part) : part;
    const length = Buffer.alloc(6);
    length.writeUIntBE(bytes === undefined ? 0 : bytes.length + 1, 0, 6);
    joined.push(length);
    if (bytes) joined.push(bytes);
  }
  return Buffer.concat(joined);
}
