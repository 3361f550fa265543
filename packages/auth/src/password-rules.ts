import type { PasswordRules } from "./auth-options.js";
import { InvalidInputError } from "./errors.js";

const leastCharacters = 15;

/**
 * @throws what the rules throw; without rules InvalidInputError (`ERR_AUTH_INVALID_INPUT`) for less than 15 characters, which
 * is NIST's least where a password stands alone (SP 800-63B-4).
 */
export async function checkPassword(
  rules: PasswordRules | undefined,
  password: unknown,
  email: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (typeof password !== "string") {
    throw invalid(`must be text, got ${typeof password}`);
  }
  if (rules) {
    await rules.assert(password, { words: [email, ...email.split("@")], signal });
  } else if (Array.from(password.slice(0, 100)).length < leastCharacters) {
    throw invalid(`must have at least ${leastCharacters} characters`);
  }
}

function invalid(message: string): Error {
  return new InvalidInputError(`the password ${message}`, {
    issues: [{ path: ["password"], message, code: "password" }],
  });
}
