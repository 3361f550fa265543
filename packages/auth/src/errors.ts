import {
  ConflictError,
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

/** Why a refresh token was refused: for logs, not for the one who sent it. */
export type RefreshRefusal = "unknown" | "expired" | "revoked" | "reused";

/** The errors of this package. */
export const authErrors = defineErrors({
  AccountDisabledError: {
    code: "ERR_AUTH_ACCOUNT_DISABLED",
    when: "The credentials are right, and the account is disabled.",
    extends: ForbiddenError,
  },
  EmailTakenError: {
    code: "ERR_AUTH_EMAIL_TAKEN",
    when: "Another account has this e-mail address; `register()` tells only the owner of the address.",
    extends: ConflictError,
  },
  EmailUnverifiedError: {
    code: "ERR_AUTH_EMAIL_UNVERIFIED",
    when: "The credentials are right, and the e-mail address is not verified yet.",
    extends: ForbiddenError,
  },
  IdentityTakenError: {
    code: "ERR_AUTH_IDENTITY_TAKEN",
    when: "The identity of a provider belongs to another account, or its e-mail address does and can't be trusted.",
    extends: ConflictError,
  },
  IdentityProviderError: {
    code: "ERR_AUTH_IDENTITY_PROVIDER",
    when: "The identity provider does not answer, or not as it should.",
    extends: UnavailableError,
  },
  IdentityRefusedError: {
    code: "ERR_AUTH_IDENTITY_REFUSED",
    when: "What came back from the identity provider does not belong to the login that was begun, or was refused there.",
    extends: UnauthenticatedError,
  },
  InvalidCodeError: {
    code: "ERR_AUTH_INVALID_CODE",
    when: "The one-time or recovery code is wrong, or was used before.",
    extends: UnauthenticatedError,
  },
  InvalidCredentialsError: {
    code: "ERR_AUTH_INVALID_CREDENTIALS",
    when: "There is no such account, or the password is another; which one is not said.",
    extends: UnauthenticatedError,
  },
  InvalidInputError: {
    code: "ERR_AUTH_INVALID_INPUT",
    when: "An e-mail address or another value from outside is none; `details.issues` says which.",
    extends: ValidationError,
  },
  InvalidTicketError: {
    code: "ERR_AUTH_INVALID_TICKET",
    when: "The link or challenge is unknown, expired, or was used before.",
    extends: UnauthenticatedError,
    status: 400,
  },
  LockedOutError: {
    code: "ERR_AUTH_LOCKED_OUT",
    when: "Too many attempts for this account; `retryAfterMs` says when to try again. Who is logged in stays so.",
    extends: RateLimitedError,
    details: shape<{ retryAfterMs: number }>(),
  },
  NotConfiguredError: {
    code: "ERR_AUTH_NOT_CONFIGURED",
    when: "A collaborator is needed for what was asked, and was not given; the message names it.",
    extends: InternalError,
    details: shape<{ collaborator: string }>(),
  },
  RefreshTokenError: {
    code: "ERR_AUTH_REFRESH_TOKEN",
    when: "The refresh token was refused; `details.reason` says why. With `reused` its whole family is revoked.",
    extends: UnauthenticatedError,
    details: shape<{ reason: RefreshRefusal }>(),
  },
  SessionTooLargeError: {
    code: "ERR_AUTH_SESSION_TOO_LARGE",
    when: "The data of a session takes more than 16 kB as JSON.",
    extends: InternalError,
    details: shape<{ bytes: number; limitBytes: number }>(),
  },
  StaleAccountError: {
    code: "ERR_AUTH_STALE_ACCOUNT",
    when: "An account was changed by others at every attempt to change it.",
    extends: ConflictError,
    retryable: true,
  },
  StepUpRequiredError: {
    code: "ERR_AUTH_STEP_UP_REQUIRED",
    when: "Who is asking has to prove again who they are, for the last time was too long ago.",
    extends: ForbiddenError,
  },
  TokenRefusedError: {
    code: "ERR_AUTH_TOKEN_REFUSED",
    when: "A token of another issuer is not valid here.",
    extends: UnauthenticatedError,
  },
  TooMuchPendingError: {
    code: "ERR_AUTH_TOO_MUCH_PENDING",
    when: "More mails wait to be sent than `maxPendingMails` allows.",
    extends: UnavailableError,
  },
});

export const {
  AccountDisabledError,
  EmailTakenError,
  EmailUnverifiedError,
  IdentityProviderError,
  IdentityRefusedError,
  IdentityTakenError,
  InvalidCodeError,
  InvalidCredentialsError,
  InvalidInputError,
  InvalidTicketError,
  LockedOutError,
  NotConfiguredError,
  RefreshTokenError,
  SessionTooLargeError,
  StaleAccountError,
  StepUpRequiredError,
  TokenRefusedError,
  TooMuchPendingError,
} = authErrors.classes;

/** Any error of this package. */
export type AuthError = ErrorOf<typeof authErrors>;
