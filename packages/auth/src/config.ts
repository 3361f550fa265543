import { defineSection } from "@infra/interfaces";

/** The section `auth` of the configuration: {@link AuthService}. */
export const authConfig = defineSection("auth", {
  accessTokenLifetime: {
    doc: "How long an access token holds.",
    format: "duration",
    default: "10m",
    env: "AUTH_ACCESS_TOKEN_LIFETIME",
  },
  refreshTokenIdle: {
    doc: "How long a login by tokens goes on without being refreshed.",
    format: "duration",
    default: "14d",
    env: "AUTH_REFRESH_TOKEN_IDLE",
  },
  refreshTokenAbsolute: {
    doc: "How long a login by tokens lasts at all.",
    format: "duration",
    default: "90d",
    env: "AUTH_REFRESH_TOKEN_ABSOLUTE",
  },
  reuseWindow: {
    doc: "How long the same refresh token gives the same successor, for answers that were lost and tabs that refresh at once; 0 for never.",
    format: "duration",
    default: "10s",
  },
  tokenRevocation: {
    doc: "When an access token of a login that was revoked ends: at once, which asks the store for each request, or when it expires.",
    format: "enum",
    values: ["immediate", "at-expiry"],
    default: "immediate",
    env: "AUTH_TOKEN_REVOCATION",
  },
  sessionIdle: {
    doc: "How long a session goes on without a request.",
    format: "duration",
    default: "2h",
    env: "AUTH_SESSION_IDLE",
  },
  sessionAbsolute: {
    doc: "How long a session lasts at all.",
    format: "duration",
    default: "24h",
    env: "AUTH_SESSION_ABSOLUTE",
  },
  rememberIdle: {
    doc: "How long a session of somebody who is to be remembered goes on without a request.",
    format: "duration",
    default: "14d",
  },
  rememberAbsolute: {
    doc: "How long a session of somebody who is to be remembered lasts at all.",
    format: "duration",
    default: "90d",
  },
  cookie: {
    doc: "The cookie with the session.",
    format: "string",
    default: "__Host-session",
    env: "AUTH_COOKIE",
  },
  secureCookies: {
    doc: "Whether cookies go over TLS alone; false asks for a name of the cookie without __Host-.",
    format: "boolean",
    default: true,
    env: "AUTH_SECURE_COOKIES",
  },
  emailVerification: {
    doc: "Whether an e-mail address has to be verified before its owner can log in.",
    format: "enum",
    values: ["required", "optional"],
    default: "required",
    env: "AUTH_EMAIL_VERIFICATION",
  },
  verifyUrl: {
    doc: "The page that a mail for verifying an address links to; the token stands in its fragment.",
    format: "url",
    env: "AUTH_VERIFY_URL",
  },
  resetUrl: {
    doc: "The page that a mail for resetting a password links to; the token stands in its fragment.",
    format: "url",
    env: "AUTH_RESET_URL",
  },
  verifyLifetime: {
    doc: "How long a link for verifying an address is good for.",
    format: "duration",
    default: "24h",
  },
  resetLifetime: {
    doc: "How long a link for resetting a password is good for.",
    format: "duration",
    default: "30m",
  },
  challengeLifetime: {
    doc: "How long a login waits for its second factor.",
    format: "duration",
    default: "5m",
  },
  pruneEvery: {
    doc: "How often sessions and logins by tokens that ended a day ago are deleted, give or take a quarter; 0 for never.",
    format: "duration",
    default: "1h",
    env: "AUTH_PRUNE_EVERY",
  },
  apiKeyPrefix: {
    doc: "What API keys begin with, so that people and secret scanners know them.",
    format: "string",
    default: "key",
    env: "AUTH_API_KEY_PREFIX",
  },
});
