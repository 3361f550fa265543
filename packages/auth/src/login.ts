import type { Account, AccountProfile } from "./account.js";

/** What a client says of itself when it logs in: shown to the owner in the list of sessions. */
export interface ClientInfo {
  /** Where the request came from. */
  readonly address?: string | undefined;
  /** The header `User-Agent`. */
  readonly userAgent?: string | undefined;
}

/** Somebody who proved who they are: what a session or tokens are made from. */
export interface Login {
  readonly account: AccountProfile;
  /** How: `["password"]`, `["password", "totp"]`, `["oidc"]`. */
  readonly methods: readonly string[];
  /** Milliseconds since the epoch. */
  readonly authenticatedAt: number;
}

/** What came of the first step of a login. */
export type LoginResult =
  | { readonly status: "complete"; readonly login: Login }
  /** The password is right; the account has a second factor, which `completeLogin` takes with this challenge. */
  | { readonly status: "second-factor"; readonly challenge: string };

/** Whether somebody may log in to it, however they prove who they are. */
export function isUsable(account: Account | undefined): account is Account {
  return account !== undefined && account.disabledAt === undefined;
}

/** What a client may say of itself, cut to a bound: it is stored and shown. */
export function boundedClient({ address, userAgent }: ClientInfo): ClientInfo {
  return {
    ...(address !== undefined && { address: address.slice(0, 64) }),
    ...(userAgent !== undefined && { userAgent: userAgent.slice(0, 256) }),
  };
}
