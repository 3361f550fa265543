import { InvalidInputError } from "./errors.js";

/** An address, as it is written to and as it is found by. */
export interface EmailAddress {
  readonly email: string;
  readonly login: string;
}

/**
 * Reads an e-mail address: something on both sides of an `@`, nothing that could end a header or name two. Whether it
 * exists, only a mail to it tells.
 *
 * @throws InvalidInputError (`ERR_AUTH_INVALID_INPUT`).
 */
export function readEmail(value: unknown): EmailAddress {
  const email = typeof value === "string" ? value.trim().normalize("NFC") : "";
  // RFC 5321: no longer than 254 characters
  if (
    email.length > 254 ||
    !/^[^\s@<>(),;:"\\[\]\p{C}]{1,64}@[^\s@<>(),;:"\\[\]\p{C}]+$/u.test(email)
  ) {
    throw new InvalidInputError("this is not an e-mail address", {
      issues: [{ path: ["email"], message: "must be an e-mail address", code: "email" }],
    });
  }
  return { email, login: email.toLowerCase() };
}

/** What an address is found by; `undefined` when it is none, so that a login can go on as for an unknown one. */
export function loginOf(value: unknown): string | undefined {
  try {
    return readEmail(value).login;
  } catch {
    return undefined;
  }
}
