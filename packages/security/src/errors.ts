import {
  defineErrors,
  ForbiddenError,
  InternalError,
  RateLimitedError,
  shape,
  UnauthenticatedError,
  UnavailableError,
  ValidationError,
  type ErrorOf,
} from "@infra/errors";

/** Why a token was refused: for logs and for choosing an answer, not for the one who sent it. */
export type TokenRefusal =
  | "malformed"
  | "header"
  | "key"
  | "signature"
  | "expired"
  | "not-yet-valid"
  | "type"
  | "issuer"
  | "audience"
  | "claims"
  | "revoked";

/** Why a webhook was refused. */
export type WebhookRefusal = "headers" | "timestamp" | "signature" | "replay";

/** The errors of this package. */
export const securityErrors = defineErrors({
  DecryptionError: {
    code: "ERR_SECURITY_DECRYPTION",
    when: "It was changed, cut short, has expired, was made for something else, or with a key that is not known; which one is not said.",
    status: 400,
  },
  KeyUnavailableError: {
    code: "ERR_SECURITY_KEY_UNAVAILABLE",
    when: "No key of the ring may make this now: none has the purpose or kind, or none is in its time.",
    extends: InternalError,
    details: shape<{ purpose: string }>(),
  },
  TokenError: {
    code: "ERR_SECURITY_TOKEN",
    when: "The token was refused; `details.reason` says why.",
    extends: UnauthenticatedError,
    details: shape<{ reason: TokenRefusal }>(),
  },
  WebhookError: {
    code: "ERR_SECURITY_WEBHOOK",
    when: "The webhook was refused; `details.reason` says why.",
    extends: UnauthenticatedError,
    details: shape<{ reason: WebhookRefusal }>(),
  },
  UnknownHashError: {
    code: "ERR_SECURITY_UNKNOWN_HASH",
    when: "No algorithm reads this password hash, or its parameters are beyond all reason.",
    extends: InternalError,
  },
  PasswordRefusedError: {
    code: "ERR_SECURITY_PASSWORD_REFUSED",
    when: "The new password is empty, too long, too easy to guess, or known from a breach; `details.issues` says which.",
    extends: ValidationError,
  },
  PasswordQueueFullError: {
    code: "ERR_SECURITY_PASSWORD_QUEUE_FULL",
    when: "More passwords wait to be hashed than `maxWaiting` allows.",
    extends: UnavailableError,
    details: shape<{ concurrency: number; maxWaiting: number }>(),
  },
  CsrfError: {
    code: "ERR_SECURITY_CSRF",
    when: "The request did not come from one of our own pages; `details.reason` is `origin` or `token`.",
    extends: ForbiddenError,
    details: shape<{ reason: "origin" | "token" }>(),
  },
  TooManyAttemptsError: {
    code: "ERR_SECURITY_TOO_MANY_ATTEMPTS",
    when: "Too many attempts for this account or from this address; `retryAfterMs` says when to try again.",
    extends: RateLimitedError,
    details: shape<{ by: "account" | "address"; retryAfterMs: number }>(),
  },
});

export const {
  CsrfError,
  DecryptionError,
  KeyUnavailableError,
  PasswordQueueFullError,
  PasswordRefusedError,
  TokenError,
  TooManyAttemptsError,
  UnknownHashError,
  WebhookError,
} = securityErrors.classes;

/** Any error of this package. */
export type SecurityError = ErrorOf<typeof securityErrors>;
