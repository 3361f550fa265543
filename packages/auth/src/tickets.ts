import type { AccountStore, StoreCallOptions } from "./account-store.js";
import type { Account, Ticket } from "./account.js";
import { changeAccount } from "./change-account.js";
import { digestOf, randomText, sameDigest } from "./opaque-token.js";

const mostTickets = 10;

/** A new ticket: what is handed out, and what is stored. */
export function createTicket(
  accountId: string,
  purpose: Ticket["purpose"],
  expiresAt: number,
): { readonly token: string; readonly ticket: Ticket } {
  const secret = randomText();
  return {
    token: `${accountId}.${secret}`,
    ticket: { purpose, hash: digestOf(secret), expiresAt },
  };
}

/** The account's tickets with one more; the oldest go when there are too many. */
export function withTicket(account: Account, ticket: Ticket, now: number): readonly Ticket[] {
  return [...account.tickets.filter((each) => each.expiresAt > now), ticket].slice(-mostTickets);
}

/** The account that a token names; its secret is not looked at. */
export function ticketOwner(token: unknown): string | undefined {
  if (typeof token !== "string" || token.length > 256) return undefined;
  const end = token.lastIndexOf(".");
  return end > 0 ? token.slice(0, end) : undefined;
}

/** The ticket of an account that a token belongs to, if it holds still. */
export function ticketOf(
  account: Account,
  token: string,
  purpose: Ticket["purpose"],
  now: number,
): Ticket | undefined {
  const hash = digestOf(token.slice(token.lastIndexOf(".") + 1));
  return account.tickets.find(
    (each) => each.purpose === purpose && each.expiresAt > now && sameDigest(each.hash, hash),
  );
}

/**
 * Uses a ticket up, and changes the account in the same step: of any number of requests with one token, one does.
 * `undefined` when the token is none, or was used before.
 */
export async function useTicket(
  accounts: AccountStore,
  { token, purpose, now }: { token: string; purpose: Ticket["purpose"]; now: number },
  change: (account: Account) => Partial<Account>,
  options: StoreCallOptions = {},
): Promise<Account | undefined> {
  const owner = ticketOwner(token);
  if (owner === undefined) return undefined;
  return await changeAccount(
    accounts,
    owner,
    (account) => {
      const ticket = ticketOf(account, token, purpose, now);
      if (!ticket) return undefined;
      return { tickets: account.tickets.filter((each) => each !== ticket), ...change(account) };
    },
    options,
  );
}
