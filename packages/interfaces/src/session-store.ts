/** A session, as stores keep it. */
export interface StoredSession {
  /** A hash of what the cookie holds: whoever reads the store can't log in with it. */
  readonly id: string;
  /** `undefined` before a login. */
  readonly userId?: string | undefined;
  /** Plain JSON. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Milliseconds since the epoch. */
  readonly lastSeenAt: number;
  /** Milliseconds since the epoch; from then on the store gives it no more. */
  readonly expiresAt: number;
}

/** Options of the calls of {@link SessionStore}. */
export interface SessionStoreOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Where sessions are kept. Missing and expired ones are `undefined`; a deletion is idempotent. */
export interface SessionStore {
  get(id: string, options?: SessionStoreOptions): Promise<StoredSession | undefined>;
  /** Stores a session, new or changed, whole. */
  set(session: StoredSession, options?: SessionStoreOptions): Promise<void>;
  /** Writes the two times of a session that is there, and its data if given: it never brings a deleted one back. */
  touch(
    id: string,
    changes: {
      readonly lastSeenAt: number;
      readonly expiresAt: number;
      /** Whole. @default as it is */
      readonly data?: Readonly<Record<string, unknown>> | undefined;
    },
    options?: SessionStoreOptions,
  ): Promise<void>;
  delete(id: string, options?: SessionStoreOptions): Promise<void>;
  /** The sessions of a user, the latest seen first. */
  listByUser(userId: string, options?: SessionStoreOptions): Promise<readonly StoredSession[]>;
  /** Deletes the sessions of a user, but for one to keep; how many. */
  deleteByUser(
    userId: string,
    options?: SessionStoreOptions & { readonly exceptId?: string | undefined },
  ): Promise<number>;
  /** Deletes what expired before, in milliseconds since the epoch; how many. Not there where the engine does it by itself. */
  prune?(before: number, options?: SessionStoreOptions): Promise<number>;
}
