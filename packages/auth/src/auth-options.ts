import type {
  Clock,
  Database,
  Duration,
  Encrypter,
  IdGenerator,
  Logger,
  Mailer,
  PasswordHasher,
  RateLimitStore,
  SessionStore,
  TokenSigner,
} from "@infra/interfaces";

import type { AuthStores } from "./auth-stores.js";
import type { LockoutStep } from "./lockout.js";
import type { AuthMails } from "./mails.js";
import type { OneTimeCodes, RecoveryCodeMaker } from "./two-factor-service.js";

/** What a new password has to be like: `PasswordPolicy` of `@infra/security`. */
export interface PasswordRules {
  /** @throws an error that says what is wrong with it. */
  assert(
    password: string,
    options?: {
      readonly words?: readonly string[] | undefined;
      readonly signal?: AbortSignal | undefined;
    },
  ): Promise<void>;
}

/** A further bound on attempts, by address: `BruteForceGuard` of `@infra/security`. */
export interface AttemptGuard {
  /** @throws an error when there were too many. */
  attempt(
    attempt: { readonly address: string },
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<void>;
}

/** Options of {@link AuthService}; up to `apiKeyPrefix` they are also the section `auth` of the configuration. */
export interface AuthOptions {
  /** How long an access token holds. @default "10m" */
  readonly accessTokenLifetime?: Duration | undefined;
  /** How long a login by tokens goes on without being refreshed. @default "14d" */
  readonly refreshTokenIdle?: Duration | undefined;
  /** How long a login by tokens lasts at all. @default "90d" */
  readonly refreshTokenAbsolute?: Duration | undefined;
  /** How long the same refresh token gives the same successor, 0 to a minute. @default "10s" */
  readonly reuseWindow?: Duration | undefined;
  /**
   * When an access token of a revoked login ends: `immediate` asks the store for each request, `at-expiry` asks nobody.
   *
   * @default "immediate"
   */
  readonly tokenRevocation?: "immediate" | "at-expiry" | undefined;
  /** How long a session goes on without a request. @default "2h" */
  readonly sessionIdle?: Duration | undefined;
  /** How long a session lasts at all. @default "24h" */
  readonly sessionAbsolute?: Duration | undefined;
  /** The same for somebody who is to be remembered. @default "14d" */
  readonly rememberIdle?: Duration | undefined;
  /** The same for somebody who is to be remembered. @default "90d" */
  readonly rememberAbsolute?: Duration | undefined;
  /** The cookie with the session. @default "__Host-session" */
  readonly cookie?: string | undefined;
  /** Whether cookies go over TLS alone; `false` asks for a name without `__Host-`. @default true */
  readonly secureCookies?: boolean | undefined;
  /** Whether an address has to be verified before its owner can log in. @default "required" */
  readonly emailVerification?: "required" | "optional" | undefined;
  /** The page that a mail for verifying an address links to. @default the mail has the bare token */
  readonly verifyUrl?: string | undefined;
  /** The page that a mail for resetting a password links to. @default the mail has the bare token */
  readonly resetUrl?: string | undefined;
  /** @default "24h" */
  readonly verifyLifetime?: Duration | undefined;
  /** @default "30m" */
  readonly resetLifetime?: Duration | undefined;
  /** How long a login waits for its second factor. @default "5m" */
  readonly challengeLifetime?: Duration | undefined;
  /**
   * How often a service that was started calls its `prune()`, give or take a quarter; 0 for never.
   *
   * @default "1h"
   */
  readonly pruneEvery?: Duration | undefined;
  /** What API keys begin with. @default "key" */
  readonly apiKeyPrefix?: string | undefined;
  /** How many attempts an account has, for its password and for its codes. @default 5 a minute, 10 in 15 minutes, 30 a day */
  readonly lockout?: readonly LockoutStep[] | undefined;
  /** The texts of the mails. @default plain English */
  readonly mails?: Partial<AuthMails> | undefined;
  /** How many mails may wait to be sent. @default 1000 */
  readonly maxPendingMails?: number | undefined;
  /** Where everything is kept. @default the database, else this process */
  readonly stores?: AuthStores | undefined;
  /** Codes of authenticator apps: `Totp` of `@infra/security`. */
  readonly codes?: OneTimeCodes | undefined;
  /** `{ generate: generateRecoveryCodes, find: findRecoveryCode }` of `@infra/security`. */
  readonly recoveryCodes?: RecoveryCodeMaker | undefined;
  /** @default at least 15 characters */
  readonly rules?: PasswordRules | undefined;
  /** Asked beside the lock-out by account, for one by address. @default none */
  readonly guard?: AttemptGuard | undefined;
}

/** Collaborators of {@link AuthService}. */
export interface AuthDependencies {
  /** Hashes passwords: `PasswordService` of `@infra/security`. */
  readonly passwords: PasswordHasher;
  /** The database that everything is kept in, when there are no `stores`. @default in this process */
  readonly database?: Database | undefined;
  /** Where sessions are kept instead. @default those of `stores` */
  readonly sessionStore?: SessionStore | undefined;
  /** Signs access tokens: `TokenService` of `@infra/security`. @default there are none */
  readonly tokens?: TokenSigner | undefined;
  /** Sends the mails for verifying addresses and resetting passwords. */
  readonly mailer?: Mailer | undefined;
  /** Encrypts the secrets of second factors: `EncryptionService` of `@infra/security`. */
  readonly encrypter?: Encrypter | undefined;
  /** Where attempts are counted. @default in this process: several need one that they share */
  readonly attempts?: RateLimitStore | undefined;
  readonly clock?: Clock | undefined;
  /** Makes the ids of accounts. @default random UUIDs */
  readonly ids?: IdGenerator | undefined;
  readonly logger?: Logger | undefined;
}
