/** What a link in a mail, or a login that waits for its second factor, is recognised by. */
export interface Ticket {
  readonly purpose: "verify-email" | "reset-password" | "second-factor";
  /** A hash of what was handed out. */
  readonly hash: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** How the first step of a login was done. */
  readonly methods?: readonly string[] | undefined;
}

/** An account's second factor. */
export interface TwoFactor {
  /** The secret of the authenticator app, encrypted; `undefined` before it is confirmed. */
  readonly secret?: string | undefined;
  /** A new secret that waits to be confirmed, encrypted. */
  readonly pending?: string | undefined;
  /** When it was switched on, in milliseconds since the epoch. */
  readonly confirmedAt?: number | undefined;
  /** The step of the last code that was taken: none is taken twice. */
  readonly lastStep?: number | undefined;
  /** Hashes of the recovery codes that are left. */
  readonly recoveryHashes: readonly string[];
}

/** An account, whole, as stores keep it. Plain JSON; it holds hashes, so it is not for clients: see {@link AccountProfile}. */
export interface Account {
  readonly id: string;
  /** As it was typed: where mail goes. */
  readonly email: string;
  /** What it is found by: the address in lower case and Unicode NFC. Unique. */
  readonly login: string;
  /** `undefined`: it has no password, and logs in with an identity. */
  readonly passwordHash?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly emailVerifiedAt?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly disabledAt?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Milliseconds since the epoch. */
  readonly passwordChangedAt?: number | undefined;
  readonly roles: readonly string[];
  readonly tenantId?: string | undefined;
  readonly twoFactor?: TwoFactor | undefined;
  readonly tickets: readonly Ticket[];
  /** Whatever else belongs to it: name, language. Plain JSON. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Another one at each change: two that change it at once are told apart by it. */
  readonly revision: string;
}

/** What an account's owner, and others, may see of it. */
export interface AccountProfile {
  readonly id: string;
  readonly email: string;
  readonly emailVerified: boolean;
  readonly disabled: boolean;
  readonly twoFactor: boolean;
  readonly roles: readonly string[];
  readonly tenantId?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** An account without its secrets. */
export function profileOf(account: Account): AccountProfile {
  return {
    id: account.id,
    email: account.email,
    emailVerified: account.emailVerifiedAt !== undefined,
    disabled: account.disabledAt !== undefined,
    twoFactor: hasSecondFactor(account),
    roles: account.roles,
    ...(account.tenantId !== undefined && { tenantId: account.tenantId }),
    createdAt: account.createdAt,
    data: account.data,
  };
}

/** Whether a login needs more than the password. */
export function hasSecondFactor({ twoFactor }: Account): boolean {
  return twoFactor?.secret !== undefined;
}
