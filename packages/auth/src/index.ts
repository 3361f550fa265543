export {
  AccessPolicy,
  type AccessPolicyOptions,
  type ExplainedRule,
  type Explanation,
  type RoleActions,
} from "./access-policy.js";
export type { AccessRule, ResourceTests } from "./access-rule.js";
export type { Account, AccountProfile, Ticket, TwoFactor } from "./account.js";
export { AccountService } from "./account-service.js";
export type { AccountStore, Identity, StoreCallOptions } from "./account-store.js";
export {
  ApiKeyService,
  type ApiKey,
  type ApiKeyDependencies,
  type ApiKeyOptions,
  type CreateApiKeyOptions,
} from "./api-key-service.js";
export type { ApiKeyStore, StoredApiKey } from "./api-key-store.js";
export { AuthEvents, type AuthEvent, type AuthEventType, type AuthListener } from "./auth-event.js";
export type { AttemptGuard, AuthDependencies, AuthOptions, PasswordRules } from "./auth-options.js";
export { AuthService } from "./auth-service.js";
export type { AuthStores } from "./auth-stores.js";
export type { Condition, FieldTest, FieldTests } from "./condition.js";
export { conditionToSql, type SqlCondition } from "./condition-to-sql.js";
export { authConfig } from "./config.js";
export {
  AccountDisabledError,
  authErrors,
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
  type AuthError,
  type RefreshRefusal,
} from "./errors.js";
export {
  everyGuard,
  requireFreshLogin,
  requireLogin,
  requirePermission,
  requireRole,
  someGuard,
  type Guard,
  type GuardedRequest,
} from "./guards.js";
export type { IdentityClaims } from "./identity-login.js";
export { keySetResponse, type KeySetResponse } from "./key-set-response.js";
export type { LockoutStep } from "./lockout.js";
export type { ClientInfo, Login, LoginResult } from "./login.js";
export { defaultMails, type AuthMails, type MailContext } from "./mails.js";
export type { ChangePasswordRequest } from "./password-change.js";
export type { LoginRequest, SecondFactorRequest } from "./password-login.js";
export type {
  RefreshTokenStore,
  StoredRefreshToken,
  TokenFamily,
  TokenRotation,
} from "./refresh-token-store.js";
export type { NewAccount, RegisterRequest } from "./registration.js";
export { serialiseCookie, type SessionCookie } from "./session-cookie.js";
export type { SessionData } from "./session-data.js";
export {
  SessionService,
  type Session,
  type SessionDependencies,
  type SessionOptions,
  type StartedSession,
  type StartSessionOptions,
} from "./session-service.js";
export { TokenClient, type ClientTokens, type TokenClientOptions } from "./token-client.js";
export {
  TokenLoginService,
  type TokenLogin,
  type TokenLoginDependencies,
  type TokenLoginOptions,
  type TokenPair,
} from "./token-login-service.js";
export type {
  OneTimeCodes,
  RecoveryCodeMaker,
  SecondFactorMethod,
  TwoFactorService,
} from "./two-factor-service.js";
