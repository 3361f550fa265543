import { Secret, type Setting } from "@infra/interfaces";

const longest = 80;

/** A setting's value as it may be printed: secrets and the passwords of URLs masked, on one line, not too long. */
export function shownValue(setting: Setting, value: unknown): string {
  if (setting.sensitive || Secret.is(value)) return "[secret]";
  const text = withoutPasswords(JSON.stringify(value) ?? String(value));
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

/** A text without the user and password of the URLs in it. */
export function withoutPasswords(text: string): string {
  return text.replaceAll(/(\w:\/\/)[^\s/@"]*@/g, "$1***@");
}

/** A message about a secret without the secret, nor the password of a secret URL. */
export function scrub(message: string, value: unknown): string {
  const text = String(value);
  const password = URL.canParse(text) ? new URL(text).password : "";
  return [text, password, decode(password)]
    .filter((part) => part !== "")
    .reduce((clean, part) => clean.replaceAll(part, "[secret]"), message);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
