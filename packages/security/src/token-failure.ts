import { errors } from "jose";

import { TokenError, type TokenRefusal } from "./errors.js";

const byClaim: Readonly<Record<string, TokenRefusal>> = {
  aud: "audience",
  iss: "issuer",
  typ: "type",
  nbf: "not-yet-valid",
};

const byCode: Readonly<Record<string, TokenRefusal>> = {
  ERR_JWT_EXPIRED: "expired",
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: "signature",
  ERR_JWE_DECRYPTION_FAILED: "signature",
  ERR_JOSE_ALG_NOT_ALLOWED: "header",
  ERR_JOSE_NOT_SUPPORTED: "header",
};

/** Refuses a token. The message is the same for all but those that have only expired; `details.reason` is for logs. */
export function refuseToken(reason: TokenRefusal): InstanceType<typeof TokenError> {
  const message = reason === "expired" ? "the token has expired" : "the token is not valid";
  return new TokenError(message, { details: { reason } });
}

/** What jose threw, as a refusal, without its cause, which holds the claims; any other error as it is. */
export function toTokenError(error: unknown): unknown {
  if (!(error instanceof errors.JOSEError)) return error;
  if (error instanceof errors.JWTClaimValidationFailed) {
    return refuseToken((error.reason !== "invalid" && byClaim[error.claim]) || "claims");
  }
  return refuseToken(byCode[error.code] ?? "malformed");
}
