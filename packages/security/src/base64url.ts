/**
 * The bytes of base64url without padding (RFC 4648, section 5); `undefined` for anything that {@link encodeBase64url}
 * would not have written. Node.js itself also reads `+/`, padding, characters from outside the alphabet, and stray bits
 * in the last character: many texts for the same bytes, so that a signature could be altered and still verify.
 */
export function decodeBase64url(text: unknown): Buffer | undefined {
  if (typeof text !== "string") return undefined;
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? bytes : undefined;
}

/** Bytes as base64url, without padding. */
export function encodeBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64url");
}
