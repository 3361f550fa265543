export { BruteForceGuard } from "./brute-force-guard.js";
export type { Attempt, BruteForceDependencies, BruteForceOptions } from "./brute-force-guard.js";
export {
  bruteForceConfig,
  csrfConfig,
  encryptionConfig,
  passwordsConfig,
  tokensConfig,
} from "./config.js";
export { constantTimeEqual } from "./constant-time-equal.js";
export { CsrfGuard } from "./csrf-guard.js";
export type { CsrfDependencies, CsrfOptions, CsrfRequest } from "./csrf-guard.js";
export type { AeadAlgorithm } from "./aead.js";
export type { EncryptedHeader } from "./encrypted-header.js";
export { EncryptionService } from "./encryption-service.js";
export type { EncryptionDependencies, EncryptionOptions } from "./encryption-service.js";
export {
  CsrfError,
  DecryptionError,
  KeyUnavailableError,
  PasswordQueueFullError,
  PasswordRefusedError,
  securityErrors,
  TokenError,
  TooManyAttemptsError,
  UnknownHashError,
  WebhookError,
} from "./errors.js";
export type { SecurityError, TokenRefusal, WebhookRefusal } from "./errors.js";
export { hkdf, type HkdfOptions } from "./hkdf.js";
export type { JoseKey } from "./jose-key.js";
export { decryptJwe, encryptJwe, type JweOptions } from "./jwe.js";
export { signJws, verifyJws, type JwsOptions } from "./jws.js";
export { KeyRing, type KeyRingOptions } from "./key-ring.js";
export type { PasswordAlgorithm } from "./password-algorithm.js";
export { PasswordPolicy } from "./password-policy.js";
export type {
  PasswordCheckOptions,
  PasswordPolicyDependencies,
  PasswordPolicyOptions,
  PasswordStrength,
} from "./password-policy.js";
export { PasswordService } from "./password-service.js";
export type { PasswordOptions, PasswordStats } from "./password-service.js";
export { PasswordList, type PwnedPasswords } from "./pwned-passwords.js";
export { randomDigits, randomToken, type RandomTokenOptions } from "./random-token.js";
export { findRecoveryCode, generateRecoveryCodes, type RecoveryCodes } from "./recovery-codes.js";
export type { RequestHeaders } from "./request-headers.js";
export type { KeyDefinition, KeyInput, KeyTimes, KeyType, RingKey } from "./ring-key.js";
export { SignatureService } from "./signature-service.js";
export type {
  SignatureDependencies,
  SignatureOptions,
  SignUrlOptions,
  VerifyUrlOptions,
} from "./signature-service.js";
export type { HmacAlgorithm, RsaAlgorithm, TokenAlgorithms } from "./token-algorithms.js";
export type { TokenOptions } from "./token-options.js";
export { TokenService } from "./token-service.js";
export type { TokenDependencies } from "./token-service.js";
export { hotp, Totp, type TotpDependencies, type TotpOptions } from "./totp.js";
export { Webhooks } from "./webhooks.js";
export type {
  VerifiedWebhook,
  WebhookDependencies,
  WebhookHeaders,
  WebhookOptions,
} from "./webhooks.js";
