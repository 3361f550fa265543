import { systemClock, type Clock, type Encrypter } from "@infra/interfaces";

import type { AccountStore, StoreCallOptions } from "./account-store.js";
import { AuthEvents } from "./auth-event.js";
import { changeAccount } from "./change-account.js";
import { InvalidCodeError, NotConfiguredError } from "./errors.js";
import type { Lockout } from "./lockout.js";

/** Codes of authenticator apps: `Totp` of `@infra/security`. */
export interface OneTimeCodes {
  /** A new secret. */
  generateSecret(): string;
  /** What the QR code for the app says. */
  uri(secret: string, account: string): string;
  /** The step of the code if it is right and later than `after`, `undefined` if not. */
  verify(
    secret: string,
    code: string,
    options?: { readonly after?: number | undefined },
  ): number | undefined;
}

/** Codes that stand in for a lost device: `generateRecoveryCodes` and `findRecoveryCode` of `@infra/security`. */
export interface RecoveryCodeMaker {
  generate(): { readonly codes: readonly string[]; readonly hashes: readonly string[] };
  /** Which of the hashes a code belongs to. */
  find(code: string, hashes: readonly string[]): number | undefined;
}

/** Collaborators of {@link TwoFactorService}. */
export interface TwoFactorDependencies {
  readonly accounts: AccountStore;
  readonly codes?: OneTimeCodes | undefined;
  readonly recoveryCodes?: RecoveryCodeMaker | undefined;
  readonly encrypter?: Encrypter | undefined;
  readonly lockout: Lockout;
  readonly clock?: Clock | undefined;
  readonly events?: AuthEvents | undefined;
}

/** How a second factor was proved. */
export type SecondFactorMethod = "totp" | "recovery-code";

const purpose = "two-factor";

/** Second factors: an authenticator app, and recovery codes for the day when it is lost. Each code is good for once. */
export class TwoFactorService {
  readonly #deps: TwoFactorDependencies;
  readonly #clock: Clock;
  readonly #events: AuthEvents;

  constructor(deps: TwoFactorDependencies) {
    this.#deps = deps;
    this.#clock = deps.clock ?? systemClock;
    this.#events = deps.events ?? new AuthEvents(() => this.#clock.now());
  }

  /**
   * Begins: the secret for the app, and the text of its QR code. Nothing changes until it is confirmed; one that is in use
   * goes on until then. `undefined` when there is no such account.
   *
   * @throws NotConfiguredError (`ERR_AUTH_NOT_CONFIGURED`) without `codes` and `encrypter`.
   */
  async begin(
    accountId: string,
    options: StoreCallOptions = {},
  ): Promise<{ readonly secret: string; readonly uri: string } | undefined> {
    const codes = this.#codes();
    const secret = codes.generateSecret();
    const pending = this.#seal(accountId, secret);
    const account = await changeAccount(
      this.#deps.accounts,
      accountId,
      ({ twoFactor = { recoveryHashes: [] } }) => ({ twoFactor: { ...twoFactor, pending } }),
      options,
    );
    return account && { secret, uri: codes.uri(secret, account.email) };
  }

  /**
   * Switches it on, when the app shows the right code; the recovery codes are to be shown once.
   *
   * @throws InvalidCodeError (`ERR_AUTH_INVALID_CODE`), LockedOutError (`ERR_AUTH_LOCKED_OUT`).
   */
  async confirm(
    accountId: string,
    code: string,
    options: StoreCallOptions = {},
  ): Promise<readonly string[]> {
    await this.#deps.lockout.attempt("code", accountId, options.signal);
    const recovery = this.#recovery().generate();
    const account = await changeAccount(
      this.#deps.accounts,
      accountId,
      (each) => {
        const sealed = each.twoFactor?.pending;
        if (sealed === undefined) return undefined;
        const lastStep = this.#codes().verify(this.#open(accountId, sealed), code);
        if (lastStep === undefined) return undefined;
        const confirmedAt = this.#clock.now();
        const { hashes: recoveryHashes } = recovery;
        return { twoFactor: { secret: sealed, confirmedAt, lastStep, recoveryHashes } };
      },
      options,
    );
    if (!account) throw this.#wrong(accountId);
    await this.#deps.lockout.succeeded("code", accountId, options.signal);
    this.#events.emit("two-factor-enabled", { accountId });
    return recovery.codes;
  }

  /**
   * Takes a code of the app, or a recovery code; of any number that show the same one at a time, one passes.
   *
   * @throws InvalidCodeError (`ERR_AUTH_INVALID_CODE`), LockedOutError (`ERR_AUTH_LOCKED_OUT`).
   */
  async verify(
    accountId: string,
    code: string,
    options: StoreCallOptions = {},
  ): Promise<SecondFactorMethod> {
    await this.#deps.lockout.attempt("code", accountId, options.signal);
    let method = "totp" as SecondFactorMethod;
    const account = await changeAccount(
      this.#deps.accounts,
      accountId,
      ({ twoFactor }) => {
        if (twoFactor?.secret === undefined) return undefined;
        const { secret, lastStep: after, recoveryHashes } = twoFactor;
        const step = this.#codes().verify(this.#open(accountId, secret), code, { after });
        if (step !== undefined) {
          method = "totp";
          return { twoFactor: { ...twoFactor, lastStep: step } };
        }
        const at = this.#recovery().find(code, recoveryHashes);
        if (at === undefined) return undefined;
        method = "recovery-code";
        return { twoFactor: { ...twoFactor, recoveryHashes: recoveryHashes.toSpliced(at, 1) } };
      },
      options,
    );
    if (!account) throw this.#wrong(accountId);
    await this.#deps.lockout.succeeded("code", accountId, options.signal);
    if (method === "recovery-code") this.#events.emit("recovery-code-used", { accountId });
    return method;
  }

  /** New recovery codes in place of those that are left; `undefined` when there is no second factor. */
  async renewRecoveryCodes(
    accountId: string,
    options: StoreCallOptions = {},
  ): Promise<readonly string[] | undefined> {
    const { codes, hashes } = this.#recovery().generate();
    const account = await changeAccount(
      this.#deps.accounts,
      accountId,
      ({ twoFactor }) =>
        twoFactor?.secret === undefined
          ? undefined
          : { twoFactor: { ...twoFactor, recoveryHashes: hashes } },
      options,
    );
    return account && codes;
  }

  /** Switches it off; whether it was on. Ask for a fresh login, or a code, before. */
  async disable(accountId: string, options: StoreCallOptions = {}): Promise<boolean> {
    const account = await changeAccount(
      this.#deps.accounts,
      accountId,
      ({ twoFactor }) => (twoFactor ? { twoFactor: undefined } : undefined),
      options,
    );
    if (account) this.#events.emit("two-factor-disabled", { accountId });
    return account !== undefined;
  }

  #wrong(accountId: string): Error {
    this.#events.emit("second-factor-failed", { accountId });
    return new InvalidCodeError("the code is not right");
  }

  #codes(): OneTimeCodes {
    return needed(this.#deps.codes, "codes");
  }

  #recovery(): RecoveryCodeMaker {
    return needed(this.#deps.recoveryCodes, "recoveryCodes");
  }

  #seal(accountId: string, secret: string): string {
    return needed(this.#deps.encrypter, "encrypter").encrypt(secret, {
      purpose,
      context: accountId,
    });
  }

  #open(accountId: string, sealed: string): string {
    const encrypter = needed(this.#deps.encrypter, "encrypter");
    return Buffer.from(encrypter.decrypt(sealed, { purpose, context: accountId })).toString("utf8");
  }
}

function needed<T>(value: T | undefined, collaborator: string): T {
  if (value !== undefined) return value;
  throw new NotConfiguredError(`second factors need ${collaborator}, which was not given`, {
    details: { collaborator },
  });
}
