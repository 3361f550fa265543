import type { StoreCallOptions } from "./account-store.js";
import { hasSecondFactor, profileOf, type Account } from "./account.js";
import type { AuthParts } from "./auth-parts.js";
import { changeAccount } from "./change-account.js";
import { loginOf } from "./email-address.js";
import {
  AccountDisabledError,
  EmailUnverifiedError,
  InvalidCodeError,
  InvalidCredentialsError,
  InvalidTicketError,
  LockedOutError,
} from "./errors.js";
import { isUsable, type ClientInfo, type Login, type LoginResult } from "./login.js";
import { createTicket, ticketOf, ticketOwner, useTicket, withTicket } from "./tickets.js";
import type { TwoFactorService } from "./two-factor-service.js";

/** What somebody logs in with. */
export interface LoginRequest {
  readonly email: string;
  readonly password: string;
  readonly client?: ClientInfo | undefined;
}

/** The second step of a login. */
export interface SecondFactorRequest {
  /** What the first step gave. */
  readonly challenge: string;
  /** Of the app, or a recovery code. */
  readonly code: string;
  readonly client?: ClientInfo | undefined;
}

/** Logs people in by their passwords. It takes as long for an unknown address as for a wrong password. */
export class PasswordLogin {
  readonly #parts: AuthParts;
  readonly #twoFactor: TwoFactorService;

  constructor(parts: AuthParts, twoFactor: TwoFactorService) {
    this.#parts = parts;
    this.#twoFactor = twoFactor;
  }

  async login(
    { email, password, client = {} }: LoginRequest,
    { signal }: StoreCallOptions = {},
  ): Promise<LoginResult> {
    const { accounts, verification } = this.#parts;
    const login = loginOf(email);
    // what is no address at all goes the same way
    const who = login ?? "none";
    await this.#count(who, client, signal);
    const account = login === undefined ? undefined : await accounts.findByLogin(login, { signal });
    const isRight = await this.#matches(account, password, signal);
    if (!account || !isRight) {
      throw this.#failed(account, client, account ? "wrong-password" : "unknown-account");
    }
    await this.#parts.lockout.succeeded("password", who, signal);
    this.checkUsable(account, client);
    if (verification === "required" && account.emailVerifiedAt === undefined) {
      this.#failed(account, client, "unverified");
      throw new EmailUnverifiedError("the e-mail address is not verified yet");
    }
    await this.#rehash(account, password, signal);
    return await this.firstStep(account, ["password"], client, signal);
  }

  /** The second step: takes the challenge only together with a right code. */
  async completeLogin(
    { challenge, code, client = {} }: SecondFactorRequest,
    { signal }: StoreCallOptions = {},
  ): Promise<Login> {
    const { accounts, clock } = this.#parts;
    const owner = ticketOwner(challenge);
    const account = owner === undefined ? undefined : await accounts.get(owner, { signal });
    const now = clock.now();
    const ticket = account && ticketOf(account, challenge, "second-factor", now);
    if (!ticket) throw overdue();
    this.checkUsable(account, client);
    const method = await this.#prove(account, code, client, signal);
    const used = await useTicket(
      accounts,
      { token: challenge, purpose: "second-factor", now },
      () => ({}),
      { signal },
    );
    if (!used) throw overdue();
    return this.loggedIn(used, [...(ticket.methods ?? []), method], client);
  }

  /** Whether this is the account's password; counted, and as slow for an account that has none. */
  async prove(
    account: Account,
    password: string,
    client: ClientInfo,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    await this.#count(account.login, client, signal);
    if (!(await this.#matches(account, password, signal))) {
      throw this.#failed(account, client, "wrong-password");
    }
    await this.#parts.lockout.succeeded("password", account.login, signal);
  }

  /** What comes of a first step that succeeded: a login, or a challenge where there is a second factor. */
  async firstStep(
    account: Account,
    methods: readonly string[],
    client: ClientInfo,
    signal: AbortSignal | undefined,
  ): Promise<LoginResult> {
    if (!hasSecondFactor(account)) {
      return { status: "complete", login: this.loggedIn(account, methods, client) };
    }
    const { accounts, clock, challengeMs } = this.#parts;
    const now = clock.now();
    const { token, ticket } = createTicket(account.id, "second-factor", now + challengeMs);
    await changeAccount(
      accounts,
      account.id,
      (each) => ({ tickets: withTicket(each, { ...ticket, methods }, now) }),
      { signal },
    );
    return { status: "second-factor", challenge: token };
  }

  /** The login of somebody who proved who they are, however that was. */
  loggedIn(account: Account, methods: readonly string[], client: ClientInfo): Login {
    this.#parts.events.emit("login", {
      accountId: account.id,
      address: client.address,
      methods,
    });
    return { account: profileOf(account), methods, authenticatedAt: this.#parts.clock.now() };
  }

  async #prove(
    account: Account,
    code: string,
    client: ClientInfo,
    signal: AbortSignal | undefined,
  ): Promise<string> {
    try {
      return await this.#twoFactor.verify(account.id, code, { signal });
    } catch (error) {
      if (LockedOutError.is(error)) this.#emit("locked-out", account, client, "code");
      if (InvalidCodeError.is(error)) this.#failed(account, client, "wrong-code");
      throw error;
    }
  }

  async #count(who: string, client: ClientInfo, signal: AbortSignal | undefined): Promise<void> {
    const { lockout, deps, events } = this.#parts;
    try {
      const { address } = client;
      // the account has its own bound, which a success gives back
      if (address !== undefined) await deps.guard?.attempt({ address }, { signal });
      await lockout.attempt("password", who, signal);
    } catch (error) {
      if (isRateLimited(error)) {
        events.emit("locked-out", { address: client.address, reason: "password" });
      }
      throw error;
    }
  }

  async #matches(
    account: Account | undefined,
    password: string,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const given = typeof password === "string" ? password : "";
    return await this.#parts.deps.passwords.verify(given, account?.passwordHash, { signal });
  }

  /** With what new passwords are hashed with today; that it did not work is no reason to refuse the login. */
  async #rehash(
    account: Account,
    password: string,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { deps, accounts, logger } = this.#parts;
    const { id, passwordHash: before } = account;
    if (before === undefined || !deps.passwords.needsRehash(before)) return;
    try {
      const passwordHash = await deps.passwords.hash(password, { signal });
      // a password that was changed meanwhile stays
      await changeAccount(
        accounts,
        id,
        (each) => (each.passwordHash === before ? { passwordHash } : undefined),
        { signal },
      );
    } catch (error) {
      if (signal?.aborted) throw error;
      logger.warn("a password was not hashed anew", { error, accountId: id });
    }
  }

  /** @throws AccountDisabledError (`ERR_AUTH_ACCOUNT_DISABLED`). */
  checkUsable(account: Account, client: ClientInfo): void {
    if (isUsable(account)) return;
    this.#failed(account, client, "disabled");
    throw new AccountDisabledError("this account is disabled");
  }

  #failed(account: Account | undefined, client: ClientInfo, reason: string): Error {
    this.#emit("login-failed", account, client, reason);
    return new InvalidCredentialsError("the e-mail address or the password is not right");
  }

  #emit(
    type: "login-failed" | "locked-out",
    account: Account | undefined,
    client: ClientInfo,
    reason: string,
  ): void {
    this.#parts.events.emit(type, { accountId: account?.id, address: client.address, reason });
  }
}

function isRateLimited(error: unknown): boolean {
  return typeof error === "object" && error !== null && "status" in error && error.status === 429;
}

function overdue(): Error {
  return new InvalidTicketError("the login took too long: begin again");
}
