import { randomUUID } from "node:crypto";

import type { StoreCallOptions } from "./account-store.js";
import type { Account, AccountProfile } from "./account.js";
import { profileOf } from "./account.js";
import type { AuthParts } from "./auth-parts.js";
import { changeAccount } from "./change-account.js";
import { loginOf, readEmail } from "./email-address.js";
import { EmailTakenError, InvalidTicketError } from "./errors.js";
import { linkTo } from "./mails.js";
import { randomText } from "./opaque-token.js";
import { checkPassword } from "./password-rules.js";
import { checkMail, sendLater } from "./send-mail.js";
import { createTicket, useTicket, withTicket } from "./tickets.js";

/** What an account is made of. */
export interface NewAccount {
  readonly email: string;
  /** @default none: it logs in with an identity, or after a reset */
  readonly password?: string | undefined;
  readonly roles?: readonly string[] | undefined;
  readonly tenantId?: string | undefined;
  /** Whatever else belongs to it; plain JSON. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  /** Whether the address is known to be its owner's. @default false */
  readonly emailVerified?: boolean | undefined;
}

/** What somebody registers with: they don't choose their roles. */
export type RegisterRequest = Pick<NewAccount, "email" | "data"> & {
  readonly password: string;
};

/** Makes accounts, and verifies their addresses. */
export class Registration {
  readonly #parts: AuthParts;

  constructor(parts: AuthParts) {
    this.#parts = parts;
  }

  async register(request: RegisterRequest, { signal }: StoreCallOptions = {}): Promise<void> {
    const parts = this.#parts;
    checkMail(parts, "a registration");
    const { email, password, data } = request;
    const { login } = readEmail(email);
    try {
      const account = await this.create({ email, password, data }, { signal });
      this.#sendVerification(account.id);
    } catch (error) {
      if (!EmailTakenError.is(error)) throw error;
      const owner = await parts.accounts.findByLogin(login, { signal });
      if (owner) {
        sendLater(parts, owner.id, async () => parts.mails.alreadyRegistered({ to: owner.email }));
      }
    }
  }

  async create(request: NewAccount, { signal }: StoreCallOptions = {}): Promise<AccountProfile> {
    const { accounts, clock, deps, events } = this.#parts;
    const { email, login } = readEmail(request.email);
    const { password, roles = [], tenantId, data = {} } = request;
    let passwordHash: string | undefined;
    if (password !== undefined) {
      await checkPassword(deps.rules, password, email, signal);
      // also for an address that is taken: the time must not say so
      passwordHash = await deps.passwords.hash(password, { signal });
    }
    const now = clock.now();
    const account: Account = {
      id: deps.ids?.next() ?? randomUUID(),
      email,
      login,
      ...(passwordHash !== undefined && { passwordHash, passwordChangedAt: now }),
      ...(request.emailVerified && { emailVerifiedAt: now }),
      createdAt: now,
      roles: [...roles],
      ...(tenantId !== undefined && { tenantId }),
      tickets: [],
      data,
      revision: randomText(16),
    };
    await accounts.create(account, { signal });
    events.emit("registered", { accountId: account.id });
    return profileOf(account);
  }

  async requestVerification(email: string, { signal }: StoreCallOptions = {}): Promise<void> {
    const parts = this.#parts;
    checkMail(parts, "a verification");
    const login = loginOf(email);
    const account = login && (await parts.accounts.findByLogin(login, { signal }));
    if (account && account.emailVerifiedAt === undefined) this.#sendVerification(account.id);
  }

  async verify(token: string, options: StoreCallOptions = {}): Promise<AccountProfile> {
    const { accounts, clock, events } = this.#parts;
    const now = clock.now();
    const account = await useTicket(
      accounts,
      { token, purpose: "verify-email", now },
      () => ({ emailVerifiedAt: now }),
      options,
    );
    if (!account) throw new InvalidTicketError("the link is not good any more: ask for a new one");
    events.emit("email-verified", { accountId: account.id });
    return profileOf(account);
  }

  #sendVerification(accountId: string): void {
    const parts = this.#parts;
    sendLater(parts, accountId, async () => {
      const now = parts.clock.now();
      const { token, ticket } = createTicket(accountId, "verify-email", now + parts.verifyMs);
      const account = await changeAccount(parts.accounts, accountId, (each) => ({
        tickets: withTicket(each, ticket, now),
      }));
      if (!account) return undefined;
      const link = linkTo(parts.verifyUrl, token);
      return parts.mails.verifyEmail({ to: account.email, token, link });
    });
  }
}
