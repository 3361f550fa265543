import { hkdfSync, scryptSync } from "node:crypto";

/**
 * Whether a text can hold 32 random bytes: at least 64 hexadecimal digits, or 43 characters of any kind (base64), and
 * not the same few again and again. `openssl rand -base64 32` makes one.
 */
export function isStrongKeyText(text: string): boolean {
  const least = /^[\da-f]*$/i.test(text) ? 64 : 43;
  return text.length >= least && new Set(text).size >= 10;
}

/**
 * The secret that a text stands for: its own UTF-8 bytes if it is strong, so that another program that has the same
 * text has the same key; stretched to 32 bytes with scrypt otherwise, which is for development only.
 */
export function secretFromText(text: string): Buffer {
  if (isStrongKeyText(text)) return Buffer.from(text);
  return scryptSync(text, "infra development key", 32);
}

/** What a setting with a key says about a text that will not do; for `validate` of `defineSection`. */
export function problemOfKeyText(
  text: string,
  { production }: { readonly production: boolean },
): string | undefined {
  if (text === "") return "must not be empty";
  if (!production || isStrongKeyText(text)) return undefined;
  return "must be at least 32 random bytes in production, in base64 or hex: openssl rand -base64 32 makes them";
}

/** The name of a secret that was given none: says nothing about the secret, and is the same on every machine. */
export function idOfSecret(secret: Uint8Array): string {
  return Buffer.from(hkdfSync("sha256", secret, "", "infra key id", 6)).toString("base64url");
}
