import { defineSection } from "@infra/interfaces";

import { problemOfKeyText } from "./key-text.js";

/** The section `encryption` of the configuration: {@link EncryptionService} and {@link SignatureService}. */
export const encryptionConfig = defineSection("encryption", {
  key: {
    doc: "The key of all that is encrypted and signed. In production 32 random bytes or more: openssl rand -base64 32.",
    format: "string",
    env: "ENCRYPTION_KEY",
    required: true,
    sensitive: true,
    validate: problemOfKeyText,
  },
  previousKeys: {
    doc: "Keys that came before it, the newest first: they still decrypt and verify.",
    format: "list",
    env: "ENCRYPTION_KEYS_PREVIOUS",
    sensitive: true,
    validate: problemOfKeyTexts,
  },
});

/** The section `tokens` of the configuration: {@link TokenService}. */
export const tokensConfig = defineSection("tokens", {
  key: {
    doc: "The key that JSON Web Tokens are signed with (HS256). In production 32 random bytes or more: openssl rand -base64 32.",
    format: "string",
    env: "JWT_SECRET",
    required: true,
    sensitive: true,
    validate: problemOfKeyText,
  },
  previousKeys: {
    doc: "Keys that came before it, the newest first: their tokens still verify.",
    format: "list",
    env: "JWT_SECRETS_PREVIOUS",
    sensitive: true,
    validate: problemOfKeyTexts,
  },
  issuer: {
    doc: "Who issues the tokens: the claim iss, which has to be right.",
    format: "string",
    default: "infra",
    env: "JWT_ISSUER",
  },
  audience: {
    doc: "Who the tokens are for: the claim aud, which has to be right. Unset: the issuer.",
    format: "string",
    env: "JWT_AUDIENCE",
  },
  cacheSize: {
    doc: "How many verified tokens are remembered, so that a repeated one is not computed again; 0 for none.",
    format: "integer",
    default: 0,
    env: "JWT_CACHE_SIZE",
  },
});

/** The section `passwords` of the configuration: {@link PasswordService}. */
export const passwordsConfig = defineSection("passwords", {
  algorithm: {
    doc: "What new passwords are hashed with; hashes of the others still verify, and are replaced at the next login.",
    format: "enum",
    values: ["argon2id", "scrypt", "bcrypt"],
    default: "scrypt",
    env: "PASSWORD_ALGORITHM",
  },
  concurrency: {
    doc: "How many passwords are hashed at once. Unset: one less than there are cores, 1 or 2.",
    format: "integer",
    env: "PASSWORD_CONCURRENCY",
  },
  maxWaiting: {
    doc: "How many more may wait; who comes after that is refused at once.",
    format: "integer",
    default: 500,
  },
});

/** The section `csrf` of the configuration: {@link CsrfGuard}. */
export const csrfConfig = defineSection("csrf", {
  origins: {
    doc: "Further origins whose pages may send requests here: https://admin.example.com.",
    format: "list",
    env: "CSRF_ORIGINS",
  },
  expiresIn: {
    doc: "How long a token is good for. Unset: as long as its session.",
    format: "duration",
  },
});

/** The section `bruteForce` of the configuration: {@link BruteForceGuard}. */
export const bruteForceConfig = defineSection("bruteForce", {
  accountLimit: {
    doc: "How many attempts an account has in a window; a success gives them back.",
    format: "integer",
    default: 10,
  },
  accountWindow: { doc: "The window of accountLimit.", format: "duration", default: "15m" },
  addressLimit: {
    doc: "How many attempts an address has in a window, for whatever accounts.",
    format: "integer",
    default: 100,
  },
  addressWindow: { doc: "The window of addressLimit.", format: "duration", default: "15m" },
});

function problemOfKeyTexts(
  texts: readonly string[],
  context: { readonly production: boolean },
): string | undefined {
  return texts.map((text) => problemOfKeyText(text, context)).find((each) => each !== undefined);
}
