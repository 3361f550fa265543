import type { StoreCallOptions } from "./account-store.js";
import type { Account, AccountProfile } from "./account.js";
import { profileOf } from "./account.js";
import type { AuthParts } from "./auth-parts.js";
import { changeAccount } from "./change-account.js";
import { loginOf } from "./email-address.js";
import { InvalidCredentialsError, InvalidTicketError } from "./errors.js";
import { isUsable, type ClientInfo } from "./login.js";
import { linkTo } from "./mails.js";
import type { PasswordLogin } from "./password-login.js";
import { checkPassword } from "./password-rules.js";
import { checkMail, sendLater } from "./send-mail.js";
import { createTicket, ticketOf, ticketOwner, useTicket, withTicket } from "./tickets.js";

/** A change of password by its owner. */
export interface ChangePasswordRequest {
  readonly accountId: string;
  readonly currentPassword: string;
  readonly newPassword: string;
  /** The session or login by tokens that goes on; all others end. @default none */
  readonly keep?: string | undefined;
  readonly client?: ClientInfo | undefined;
}

/** Ends what an account is logged in with. */
export type EndLogins = (
  accountId: string,
  options: StoreCallOptions & { readonly exceptId?: string | undefined },
) => Promise<void>;

/** Changes passwords, by the one before or by a link in a mail. Either ends all other logins. */
export class PasswordChange {
  readonly #parts: AuthParts;
  readonly #login: PasswordLogin;
  readonly #endLogins: EndLogins;

  constructor(parts: AuthParts, login: PasswordLogin, endLogins: EndLogins) {
    this.#parts = parts;
    this.#login = login;
    this.#endLogins = endLogins;
  }

  async change(
    request: ChangePasswordRequest,
    { signal }: StoreCallOptions = {},
  ): Promise<AccountProfile> {
    const { accounts, deps, events } = this.#parts;
    const { accountId, currentPassword, newPassword, keep, client = {} } = request;
    const account = await accounts.get(accountId, { signal });
    if (!isUsable(account)) throw new InvalidCredentialsError("there is no such account");
    await this.#login.prove(account, currentPassword, client, signal);
    await checkPassword(deps.rules, newPassword, account.email, signal);
    const passwordHash = await deps.passwords.hash(newPassword, { signal });
    const changed = await changeAccount(
      accounts,
      accountId,
      // only if it is still the password that was proved
      (each) => (each.passwordHash === account.passwordHash ? this.#with(passwordHash) : undefined),
      { signal },
    );
    if (!changed) throw new InvalidCredentialsError("the password was changed meanwhile");
    await this.#endLogins(accountId, { exceptId: keep, signal });
    events.emit("password-changed", { accountId, address: client.address });
    this.#tell(changed);
    return profileOf(changed);
  }

  async requestReset(email: string, { signal }: StoreCallOptions = {}): Promise<void> {
    const parts = this.#parts;
    checkMail(parts, "a reset");
    const login = loginOf(email);
    const account = login && (await parts.accounts.findByLogin(login, { signal }));
    if (!account || !isUsable(account)) return;
    const { id } = account;
    sendLater(parts, id, async () => {
      const now = parts.clock.now();
      const { token, ticket } = createTicket(id, "reset-password", now + parts.resetMs);
      const changed = await changeAccount(parts.accounts, id, (each) => ({
        tickets: withTicket(each, ticket, now),
      }));
      if (!changed) return undefined;
      parts.events.emit("password-reset-requested", { accountId: id });
      const link = linkTo(parts.resetUrl, token);
      return parts.mails.resetPassword({ to: changed.email, token, link });
    });
  }

  async reset(
    token: string,
    newPassword: string,
    { signal }: StoreCallOptions = {},
  ): Promise<AccountProfile> {
    const { accounts, deps, clock, events, lockout } = this.#parts;
    const now = clock.now();
    const owner = ticketOwner(token);
    const account = owner === undefined ? undefined : await accounts.get(owner, { signal });
    // looked at first: a hash is dear, and not for who has no ticket
    if (!isUsable(account) || !ticketOf(account, token, "reset-password", now)) throw overdue();
    await checkPassword(deps.rules, newPassword, account.email, signal);
    const passwordHash = await deps.passwords.hash(newPassword, { signal });
    const changed = await useTicket(
      accounts,
      { token, purpose: "reset-password", now },
      (each) => ({
        ...this.#with(passwordHash),
        // who read the mail owns the address
        emailVerifiedAt: each.emailVerifiedAt ?? now,
      }),
      { signal },
    );
    if (!changed) throw overdue();
    await this.#endLogins(changed.id, { signal });
    await lockout.succeeded("password", changed.login, signal);
    events.emit("password-reset", { accountId: changed.id });
    this.#tell(changed);
    return profileOf(changed);
  }

  /** Links and challenges that were made for the password before go with it. */
  #with(passwordHash: string): Partial<Account> {
    return { passwordHash, passwordChangedAt: this.#parts.clock.now(), tickets: [] };
  }

  #tell(account: Account): void {
    const { deps, mails } = this.#parts;
    if (!deps.mailer) return;
    sendLater(this.#parts, account.id, async () => mails.passwordChanged({ to: account.email }));
  }
}

function overdue(): Error {
  return new InvalidTicketError("the link is not good any more: ask for a new one");
}
