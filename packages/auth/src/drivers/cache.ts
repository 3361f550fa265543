import {
  optional,
  systemClock,
  tokens,
  toMilliseconds,
  type Cache,
  type Clock,
  type Duration,
  type Inject,
  type SessionStore,
  type SessionStoreOptions,
  type StoredSession,
  type Token,
} from "@infra/interfaces";

/** Options of {@link CacheSessionStore}. */
export interface CacheSessionStoreOptions {
  /**
   * The cache: one that all processes share, that rejects when its store does not answer (`storeFailure: "throw"`), and that
   * remembers nothing in the process itself, or is told by the others what to forget.
   */
  readonly cache: Cache;
  /** The longest that a session may last: at least the `absolute` of the sessions. @default "90d" */
  readonly maxAge?: Duration | undefined;
  readonly clock?: Clock | undefined;
}

type Times = Pick<StoredSession, "lastSeenAt" | "expiresAt">;

/**
 * Sessions in a cache. A session, the times of its last use and its data have a key each, so that a touch can't bring a
 * deleted one back; the sessions of a user have a tag in common, so that deleting them forgets none. What a cache evicts is logged out.
 */
export class CacheSessionStore implements SessionStore {
  static readonly provides: Token<SessionStore> = tokens.sessionStore;
  static readonly inject: Inject<typeof CacheSessionStore> = {
    cache: tokens.cache,
    clock: optional(tokens.clock),
  };

  readonly #cache: Cache;
  readonly #maxAgeMs: number;
  readonly #clock: Clock;

  /** @throws RangeError when `maxAge` is no duration. */
  constructor({ cache, maxAge = "90d", clock = systemClock }: CacheSessionStoreOptions) {
    this.#cache = cache.namespace("sessions");
    this.#maxAgeMs = toMilliseconds(maxAge, "maxAge");
    this.#clock = clock;
  }

  async get(id: string, options: SessionStoreOptions = {}): Promise<StoredSession | undefined> {
    return (await this.#read([id], options))[0];
  }

  async set(session: StoredSession, { signal }: SessionStoreOptions = {}): Promise<void> {
    const { id, userId, lastSeenAt, expiresAt, data } = session;
    const tags = userId === undefined ? [] : [tagOf(userId)];
    const options = { ttl: this.#maxAgeMs, tags, signal };
    // the session last: without it the others mean nothing
    await this.#cache.set<Times>(timesKey(id), { lastSeenAt, expiresAt }, options);
    await this.#cache.set(dataKey(id), data, options);
    await this.#cache.set(sessionKey(id), session, options);
    if (userId === undefined) return;
    const ids = await this.#idsOf(userId, signal);
    if (!ids.includes(id)) await this.#keepIds(userId, [...ids, id], signal);
  }

  async touch(
    id: string,
    { lastSeenAt, expiresAt, data }: Parameters<SessionStore["touch"]>[1],
    { signal }: SessionStoreOptions = {},
  ): Promise<void> {
    const options = { ttl: this.#maxAgeMs, signal };
    await this.#cache.set<Times>(timesKey(id), { lastSeenAt, expiresAt }, options);
    if (data) await this.#cache.set(dataKey(id), data, options);
  }

  async delete(id: string, options: SessionStoreOptions = {}): Promise<void> {
    await this.#cache.delete(sessionKey(id), options);
    await this.#cache.delete(timesKey(id), options);
    await this.#cache.delete(dataKey(id), options);
  }

  /** From a list that is kept on the side: two that log in at the very same time may leave one of them out of it. */
  async listByUser(
    userId: string,
    options: SessionStoreOptions = {},
  ): Promise<readonly StoredSession[]> {
    const ids = await this.#idsOf(userId, options.signal);
    const sessions = (await this.#read(ids, options)).filter((each) => each !== undefined);
    return sessions
      .filter((each) => each.userId === userId)
      .toSorted((a, b) => b.lastSeenAt - a.lastSeenAt);
  }

  async deleteByUser(
    userId: string,
    { exceptId, signal }: SessionStoreOptions & { readonly exceptId?: string | undefined } = {},
  ): Promise<number> {
    const there = await this.listByUser(userId, { signal });
    const kept = there.find(({ id }) => id === exceptId);
    // by the tag: also those that the list lacks
    await this.#cache.invalidateTags([tagOf(userId)], { signal });
    await this.#keepIds(userId, [], signal);
    if (kept) await this.set(kept, { signal });
    return there.length - (kept ? 1 : 0);
  }

  async #read(
    ids: readonly string[],
    { signal }: SessionStoreOptions,
  ): Promise<readonly (StoredSession | undefined)[]> {
    if (ids.length === 0) return [];
    const keys = ids.flatMap((id) => [sessionKey(id), timesKey(id), dataKey(id)]);
    const found = await this.#cache.getMany<unknown>(keys, { signal });
    return ids.map((id) => {
      const session = found.get(sessionKey(id)) as StoredSession | undefined;
      const times = found.get(timesKey(id)) as Times | undefined;
      const data = found.get(dataKey(id)) as StoredSession["data"] | undefined;
      const whole = session && { ...session, ...times, ...(data && { data }) };
      return whole && whole.expiresAt > this.#clock.now() ? whole : undefined;
    });
  }

  async #idsOf(userId: string, signal: AbortSignal | undefined): Promise<readonly string[]> {
    return (await this.#cache.get<readonly string[]>(listKey(userId), { signal })) ?? [];
  }

  /** The latest thousand: a list has an end. */
  async #keepIds(
    userId: string,
    ids: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    await this.#cache.set(listKey(userId), ids.slice(-1000), { ttl: this.#maxAgeMs, signal });
  }
}

const sessionKey = (id: string): string => `session:${id}`;
const dataKey = (id: string): string => `data:${id}`;
const timesKey = (id: string): string => `times:${id}`;
const listKey = (userId: string): string => `user:${userId}`;
const tagOf = (userId: string): string => `infra.sessions.user:${userId}`;
