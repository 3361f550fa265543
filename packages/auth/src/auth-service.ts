import {
  optional,
  section,
  tokens as infraTokens,
  type Authenticator,
  type Credential,
  type HealthReport,
  type Inject,
  type Managed,
  type Principal,
  type Revocation,
  type StopContext,
  type Token,
} from "@infra/interfaces";

import { AccountService } from "./account-service.js";
import type { StoreCallOptions } from "./account-store.js";
import type { AccountProfile } from "./account.js";
import { ApiKeyService } from "./api-key-service.js";
import { revocationOf, type AuthListener } from "./auth-event.js";
import type { AuthDependencies, AuthOptions } from "./auth-options.js";
import { authParts, needed, oneOf, type AuthParts } from "./auth-parts.js";
import { authConfig } from "./config.js";
import { InvalidCredentialsError } from "./errors.js";
import { IdentityLogin, type IdentityClaims } from "./identity-login.js";
import { isUsable, type ClientInfo, type Login, type LoginResult } from "./login.js";
import { PasswordChange, type ChangePasswordRequest, type EndLogins } from "./password-change.js";
import { PasswordLogin, type LoginRequest, type SecondFactorRequest } from "./password-login.js";
import { Principals } from "./principals.js";
import { Pruning } from "./pruning.js";
import { Registration, type RegisterRequest } from "./registration.js";
import { SessionService } from "./session-service.js";
import { TokenLoginService } from "./token-login-service.js";
import { TwoFactorService } from "./two-factor-service.js";

/**
 * Accounts and logins: registration, passwords, second factors, sessions, tokens and API keys, and who a credential belongs
 * to. It answers no HTTP itself: routes call it, and the plugin authentication of `@infra/middleware` asks it.
 */
export class AuthService implements Authenticator, Managed {
  static readonly provides: Token<Authenticator> = infraTokens.authenticator;
  static readonly inject: Inject<typeof AuthService> = {
    options: section(authConfig),
    passwords: infraTokens.passwordHasher,
    database: optional(infraTokens.database),
    sessionStore: optional(infraTokens.sessionStore),
    tokens: optional(infraTokens.tokenSigner),
    mailer: optional(infraTokens.mailer),
    encrypter: optional(infraTokens.encrypter),
    attempts: optional(infraTokens.rateLimitStore),
    clock: optional(infraTokens.clock),
    ids: optional(infraTokens.idGenerator),
    logger: optional(infraTokens.logger),
  };

  /** Accounts, for administrators and scripts. */
  readonly accounts: AccountService;
  /** Sessions by cookie. */
  readonly sessions: SessionService;
  /** Keys for programs. */
  readonly apiKeys: ApiKeyService;
  /** Authenticator apps and recovery codes. */
  readonly twoFactor: TwoFactorService;
  readonly #parts: AuthParts;
  readonly #tokenLogins: TokenLoginService | undefined;
  readonly #registration: Registration;
  readonly #login: PasswordLogin;
  readonly #change: PasswordChange;
  readonly #identity: IdentityLogin;
  readonly #principals: Principals;
  readonly #pruning: Pruning;

  /** @throws RangeError or TypeError for an option that is out of range. */
  constructor(options: AuthOptions, deps: AuthDependencies) {
    const parts = authParts(options, deps);
    const { stores, clock, events, logger, accounts } = parts;
    const revocation = oneOf("tokenRevocation", options.tokenRevocation ?? "immediate", [
      "immediate",
      "at-expiry",
    ]);
    this.#parts = parts;
    this.sessions = new SessionService(
      {
        idle: options.sessionIdle,
        absolute: options.sessionAbsolute,
        rememberIdle: options.rememberIdle,
        rememberAbsolute: options.rememberAbsolute,
        cookie: options.cookie,
        secure: options.secureCookies,
      },
      { store: deps.sessionStore ?? stores.sessions, clock, events },
    );
    this.apiKeys = new ApiKeyService(
      { prefix: options.apiKeyPrefix },
      { store: stores.apiKeys, clock, events, logger },
    );
    this.twoFactor = new TwoFactorService({
      ...parts.deps,
      accounts,
      lockout: parts.lockout,
      clock,
      events,
    });
    this.#tokenLogins =
      deps.tokens &&
      new TokenLoginService(
        {
          accessTokenLifetime: options.accessTokenLifetime,
          idle: options.refreshTokenIdle,
          absolute: options.refreshTokenAbsolute,
          reuseWindow: options.reuseWindow,
        },
        { tokens: deps.tokens, store: stores.refreshTokens, accounts, clock, events },
      );
    this.#registration = new Registration(parts);
    this.#login = new PasswordLogin(parts, this.twoFactor);
    const endLogins: EndLogins = (id, call) => this.endLogins(id, call);
    this.#change = new PasswordChange(parts, this.#login, endLogins);
    this.accounts = new AccountService(parts, {
      registration: this.#registration,
      apiKeys: this.apiKeys,
      endLogins,
    });
    this.#identity = new IdentityLogin(parts, this.accounts, this.#login);
    this.#principals = new Principals({
      accounts,
      sessions: this.sessions,
      apiKeys: this.apiKeys,
      tokens: deps.tokens,
      tokenLogins: this.#tokenLogins,
      immediate: revocation === "immediate",
    });
    this.#pruning = new Pruning({
      every: options.pruneEvery ?? "1h",
      clock,
      logger,
      prune: (call) => this.prune(call),
    });
  }

  /** Logins by access and refresh tokens. @throws NotConfiguredError (`ERR_AUTH_NOT_CONFIGURED`) without `tokens`. */
  get tokens(): TokenLoginService {
    return needed(this.#tokenLogins, "tokens", "a login by tokens");
  }

  /**
   * Makes the tables, where they are made here, so that a mistake is seen before the first login; from then on
   * {@link AuthService.prune} runs every `pruneEvery`.
   */
  async start(): Promise<void> {
    await this.#parts.stores.open?.();
    this.#pruning.start();
  }

  /** Waits for the mails that are being sent. */
  async stop({ signal }: StopContext = {}): Promise<void> {
    await this.#pruning.stop(signal);
    await this.#parts.background.idle(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async health(): Promise<HealthReport> {
    return { status: "up", details: this.stats() };
  }

  stats(): { readonly pendingMails: number } {
    return { pendingMails: this.#parts.background.size };
  }

  /** Deletes the sessions that ended a day ago, and the logins by tokens whose absolute time did; how many. */
  async prune(options: StoreCallOptions = {}): Promise<number> {
    const sessions = await this.sessions.prune(options);
    return sessions + ((await this.#tokenLogins?.prune(options)) ?? 0);
  }

  /** Tells a listener what happens; what it returns takes it away. A listener that fails changes nothing. */
  on(listener: AuthListener): () => void {
    return this.#parts.events.on(listener);
  }

  onRevoked(listener: (revocation: Revocation) => void): () => void {
    return this.on((event) => {
      const revocation = revocationOf(event);
      if (revocation) listener(revocation);
    });
  }

  async authenticate(
    credential: Credential,
    options: StoreCallOptions = {},
  ): Promise<Principal | undefined> {
    return await this.#principals.find(credential, options);
  }

  /**
   * Makes an account, and sends a mail to its address. For an address that is taken the same happens as far as anybody can
   * see, and the mail says so to its owner.
   *
   * @throws what the password rules throw; InvalidInputError, NotConfiguredError without a mailer.
   */
  async register(request: RegisterRequest, options: StoreCallOptions = {}): Promise<void> {
    await this.#registration.register(request, options);
  }

  /** Sends the mail for verifying an address again, if there is something to verify; nobody can see whether. */
  async requestEmailVerification(email: string, options: StoreCallOptions = {}): Promise<void> {
    await this.#registration.requestVerification(email, options);
  }

  /** Takes the token of the mail. @throws InvalidTicketError (`ERR_AUTH_INVALID_TICKET`). */
  async verifyEmail(token: string, options: StoreCallOptions = {}): Promise<AccountProfile> {
    return await this.#registration.verify(token, options);
  }

  /**
   * Checks a password. The result says what is next; a login that is complete becomes a session (`sessions.start`) or tokens
   * (`tokens.start`).
   *
   * @throws InvalidCredentialsError, alike for an unknown address and a wrong password, and as slow; LockedOutError;
   * EmailUnverifiedError and AccountDisabledError when the password is right.
   */
  async login(request: LoginRequest, options: StoreCallOptions = {}): Promise<LoginResult> {
    return await this.#login.login(request, options);
  }

  /** The second step. @throws InvalidTicketError, InvalidCodeError, LockedOutError. */
  async completeLogin(
    request: SecondFactorRequest,
    options: StoreCallOptions = {},
  ): Promise<Login> {
    return await this.#login.completeLogin(request, options);
  }

  /**
   * Logs in whom an identity provider vouches for. Who is not known yet gets the account that has verified the same address,
   * or a new one.
   *
   * @throws IdentityTakenError (`ERR_AUTH_IDENTITY_TAKEN`) when the address was not verified on both sides.
   */
  async loginWithIdentity(
    claims: IdentityClaims,
    options: StoreCallOptions & { readonly client?: ClientInfo | undefined } = {},
  ): Promise<LoginResult> {
    return await this.#identity.login(claims, options);
  }

  /**
   * Proves again who is logged in, for what needs a fresh login: start a session with what it gives, and the one before as
   * `previous`.
   *
   * @throws InvalidCredentialsError, LockedOutError.
   */
  async reauthenticate(
    accountId: string,
    password: string,
    { client = {}, signal }: StoreCallOptions & { readonly client?: ClientInfo | undefined } = {},
  ): Promise<Login> {
    const account = await this.#parts.accounts.get(accountId, { signal });
    if (!isUsable(account)) throw new InvalidCredentialsError("there is no such account");
    await this.#login.prove(account, password, client, signal);
    return this.#login.loggedIn(account, ["password"], client);
  }

  /** Changes a password by its owner; all other logins end. @throws InvalidCredentialsError, LockedOutError, and the rules' errors. */
  async changePassword(
    request: ChangePasswordRequest,
    options: StoreCallOptions = {},
  ): Promise<AccountProfile> {
    return await this.#change.change(request, options);
  }

  /** Sends a mail with a link for a new password, if there is such an account; nobody can see whether. */
  async requestPasswordReset(email: string, options: StoreCallOptions = {}): Promise<void> {
    await this.#change.requestReset(email, options);
  }

  /** Takes the token of the mail; all logins end. @throws InvalidTicketError, and the rules' errors. */
  async resetPassword(
    token: string,
    newPassword: string,
    options: StoreCallOptions = {},
  ): Promise<AccountProfile> {
    return await this.#change.reset(token, newPassword, options);
  }

  /** Ends all sessions and logins by tokens, or all but one. API keys go on. */
  async endLogins(
    accountId: string,
    options: StoreCallOptions & { readonly exceptId?: string | undefined } = {},
  ): Promise<void> {
    await this.sessions.revokeAll(accountId, options);
    // also where no tokens are signed
    const { stores, clock, events } = this.#parts;
    const ended = await stores.refreshTokens.revokeByAccount(accountId, clock.now(), options);
    if (ended > 0) events.emit("tokens-revoked", { accountId, reason: "all" });
  }
}
