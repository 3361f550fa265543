import {
  silentLogger,
  systemClock,
  toMilliseconds,
  type Clock,
  type Logger,
} from "@infra/interfaces";

import type { AccountStore } from "./account-store.js";
import { AuthEvents } from "./auth-event.js";
import type { AuthDependencies, AuthOptions } from "./auth-options.js";
import type { AuthStores } from "./auth-stores.js";
import { Background } from "./background.js";
import { MemoryAuthStores } from "./drivers/memory.js";
import { SqlAuthStores } from "./drivers/sql.js";
import { NotConfiguredError, TooMuchPendingError } from "./errors.js";
import { defaultLockout, Lockout } from "./lockout.js";
import { defaultMails, type AuthMails } from "./mails.js";

/** What is plugged in by the options. */
export type PluggedIn = Pick<AuthOptions, "codes" | "guard" | "recoveryCodes" | "rules" | "stores">;

/** What the parts of an `AuthService` share. */
export interface AuthParts {
  readonly deps: AuthDependencies & PluggedIn;
  readonly stores: AuthStores;
  readonly accounts: AccountStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: AuthEvents;
  readonly lockout: Lockout;
  readonly background: Background;
  readonly mails: AuthMails;
  readonly verification: "required" | "optional";
  readonly verifyMs: number;
  readonly resetMs: number;
  readonly challengeMs: number;
  readonly verifyUrl: string | undefined;
  readonly resetUrl: string | undefined;
}

/** @throws RangeError or TypeError for an option that is out of range. */
export function authParts(options: AuthOptions, deps: AuthDependencies): AuthParts {
  const clock = deps.clock ?? systemClock;
  const logger = deps.logger ?? silentLogger;
  const verification = oneOf("emailVerification", options.emailVerification ?? "required", [
    "required",
    "optional",
  ]);
  const stores =
    options.stores ??
    (deps.database
      ? new SqlAuthStores({ database: deps.database }, { clock })
      : new MemoryAuthStores({ clock }));
  const maxPending = options.maxPendingMails ?? 1000;
  if (!Number.isSafeInteger(maxPending) || maxPending < 1) {
    throw new RangeError(
      `maxPendingMails must be a whole number from 1, got ${String(maxPending)}`,
    );
  }
  for (const name of ["verifyUrl", "resetUrl"] as const) {
    const url = options[name];
    if (url !== undefined && !URL.canParse(url)) {
      throw new TypeError(`${name} must be an absolute URL, got ${JSON.stringify(url)}`);
    }
  }
  const { codes, guard, recoveryCodes, rules } = options;
  return {
    deps: { ...deps, codes, guard, recoveryCodes, rules },
    stores,
    accounts: stores.accounts,
    clock,
    logger,
    events: new AuthEvents(() => clock.now(), logger),
    lockout: new Lockout(options.lockout ?? defaultLockout, { store: deps.attempts, clock }),
    background: new Background(
      maxPending,
      () => new TooMuchPendingError(`${maxPending} mails wait to be sent: no more may`),
    ),
    mails: { ...defaultMails, ...options.mails },
    verification,
    verifyMs: toMilliseconds(options.verifyLifetime ?? "24h", "verifyLifetime"),
    resetMs: toMilliseconds(options.resetLifetime ?? "30m", "resetLifetime"),
    challengeMs: toMilliseconds(options.challengeLifetime ?? "5m", "challengeLifetime"),
    verifyUrl: options.verifyUrl,
    resetUrl: options.resetUrl,
  };
}

/** @throws TypeError when the value is none of those. */
export function oneOf<T extends string>(name: string, value: string, values: readonly T[]): T {
  const found = values.find((each) => each === value);
  if (found !== undefined) return found;
  throw new TypeError(`${name} must be one of ${values.join(", ")}, got ${JSON.stringify(value)}`);
}

/** @throws NotConfiguredError (`ERR_AUTH_NOT_CONFIGURED`) when a collaborator is missing that is needed now. */
export function needed<T>(value: T | undefined, collaborator: string, what: string): T {
  if (value !== undefined) return value;
  throw new NotConfiguredError(`${what} needs ${collaborator}, which was not given`, {
    details: { collaborator },
  });
}
