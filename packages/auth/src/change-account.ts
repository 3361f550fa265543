import type { AccountStore, StoreCallOptions } from "./account-store.js";
import type { Account } from "./account.js";
import { StaleAccountError } from "./errors.js";
import { randomText } from "./opaque-token.js";

const mostAttempts = 20;

/**
 * Changes an account such that nothing that others write meanwhile is lost: `change` is asked again, with what stands there
 * now, when somebody was quicker. It gives `undefined` for "leave it". What was written; `undefined` when nothing was.
 *
 * @throws StaleAccountError (`ERR_AUTH_STALE_ACCOUNT`) when others were quicker twenty times.
 */
export async function changeAccount(
  accounts: AccountStore,
  id: string,
  change: (account: Account) => Partial<Account> | undefined,
  options: StoreCallOptions = {},
): Promise<Account | undefined> {
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    const account = await accounts.get(id, options);
    const changes = account && change(account);
    if (!account || !changes) return undefined;
    const next: Account = { ...account, ...changes, id, revision: randomText(16) };
    if (await accounts.update(next, account.revision, options)) return next;
  }
  throw new StaleAccountError("the account was changed by others at every attempt");
}
