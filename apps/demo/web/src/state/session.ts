import { signal } from "@preact/signals";

import type { Account, Me } from "../../../src/contract.js";
import { accounts } from "../api/api.js";
import { onMe, readMe } from "../api/request.js";
import { disconnect } from "./live.js";

/** Who is logged in; `undefined` until it is known, `null` for nobody. */
export const account = signal<Account | null | undefined>(undefined);
export const limits = signal<Me["limits"]>({ maxBytes: Infinity, videos: true });

onMe((me) => {
  // the live connection is of who was logged in before
  const before = account.peek();
  if (before !== undefined && before?.id !== me.account?.id) disconnect();
  account.value = me.account;
  limits.value = me.limits;
});

/** Ends the session, in this tab and, as its requests are refused, in others. */
export async function logOut(): Promise<void> {
  await accounts.logOut();
  await readMe();
}
