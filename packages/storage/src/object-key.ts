import { InvalidKeyError } from "./errors.js";

const maxKeyBytes = 1024;

/** Control characters, and what no XML answer of an S3 service could hold. */
// oxlint-disable-next-line no-control-regex
const forbidden = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffe\uffff]/;

/**
 * A key as it is kept: Unicode NFC, `/` for a backslash, one `/` between parts, none before the first or behind the last.
 *
 * @throws InvalidKeyError (`ERR_STORAGE_INVALID_KEY`) for a part `.` or `..`, a control character, half a surrogate pair,
 * nothing at all, or more than 1,024 bytes.
 */
export function objectKey(key: string, name = "key"): string {
  if (typeof key !== "string") {
    throw new TypeError(`${name} must be a string, got ${key === null ? "null" : typeof key}`);
  }
  const parts = key
    .normalize("NFC")
    .split(/[/\\]+/)
    .filter((part) => part !== "");
  const normalised = parts.join("/");
  if (normalised === "") throw refused(key, name, "it is empty");
  if (parts.some((part) => part === "." || part === "..")) {
    throw refused(key, name, 'it has a part "." or ".."');
  }
  checkCharacters(normalised, name);
  if (Buffer.byteLength(normalised) > maxKeyBytes) {
    throw refused(`${normalised.slice(0, 64)}…`, name, `it is longer than ${maxKeyBytes} bytes`);
  }
  return normalised;
}

/** What keys begin with, to list them: like a key, but it may be empty, and may end in a `/` or in the middle of a part. */
export function keyPrefix(prefix: string): string {
  if (typeof prefix !== "string") {
    throw new TypeError(`prefix must be a string, got ${prefix === null ? "null" : typeof prefix}`);
  }
  const normalised = prefix
    .normalize("NFC")
    .replaceAll(/[/\\]+/g, "/")
    .replace(/^\//, "");
  if (
    normalised
      .split("/")
      .some((part, at, all) => part === ".." || (part === "." && at < all.length - 1))
  ) {
    throw refused(prefix, "prefix", 'it has a part "." or ".."');
  }
  checkCharacters(normalised, "prefix");
  return normalised;
}

function checkCharacters(key: string, name: string): void {
  if (/\p{Surrogate}/u.test(key)) throw refused(key, name, "it holds half a surrogate pair");
  if (forbidden.test(key)) throw refused(key, name, "it holds a control character");
}

function refused(key: string, name: string, why: string): Error {
  return new InvalidKeyError(`${name} ${JSON.stringify(key)} is not allowed: ${why}`, {
    publicMessage: `The ${name} of a file is not allowed: ${why}.`,
  });
}
