import { systemClock, type Clock, type SessionStore, type StoredSession } from "@infra/interfaces";

/** Options of {@link MemorySessionStore}. */
export interface MemorySessionStoreOptions {
  /** How many are kept; those used longest ago go first. @default 100,000 */
  readonly maxSessions?: number | undefined;
}

/** Sessions in this process, bounded. */
export class MemorySessionStore implements SessionStore {
  readonly #sessions = new Map<string, StoredSession>();
  readonly #max: number;
  readonly #clock: Clock;

  /** @throws RangeError when `maxSessions` is not a whole number from 1. */
  constructor(
    { maxSessions = 100_000 }: MemorySessionStoreOptions = {},
    { clock = systemClock }: { readonly clock?: Clock | undefined } = {},
  ) {
    if (!Number.isSafeInteger(maxSessions) || maxSessions < 1) {
      throw new RangeError(`maxSessions must be a whole number from 1, got ${String(maxSessions)}`);
    }
    this.#max = maxSessions;
    this.#clock = clock;
  }

  async get(id: string): Promise<StoredSession | undefined> {
    const session = this.#sessions.get(id);
    if (session && session.expiresAt <= this.#clock.now()) {
      this.#sessions.delete(id);
      return undefined;
    }
    return structuredClone(session);
  }

  async set(session: StoredSession): Promise<void> {
    this.#put(structuredClone(session));
  }

  async touch(
    id: string,
    { lastSeenAt, expiresAt, data }: Parameters<SessionStore["touch"]>[1],
  ): Promise<void> {
    const session = this.#sessions.get(id);
    if (!session) return;
    this.#put({ ...session, lastSeenAt, expiresAt, ...(data && { data: structuredClone(data) }) });
  }

  async delete(id: string): Promise<void> {
    this.#sessions.delete(id);
  }

  async listByUser(userId: string): Promise<readonly StoredSession[]> {
    const now = this.#clock.now();
    return [...this.#sessions.values()]
      .filter((session) => session.userId === userId && session.expiresAt > now)
      .toSorted((a, b) => b.lastSeenAt - a.lastSeenAt)
      .map((session) => structuredClone(session));
  }

  async deleteByUser(
    userId: string,
    { exceptId }: { readonly exceptId?: string | undefined } = {},
  ): Promise<number> {
    const theirs = await this.listByUser(userId);
    return theirs.filter(({ id }) => id !== exceptId && this.#sessions.delete(id)).length;
  }

  async prune(before: number): Promise<number> {
    const old = [...this.#sessions.values()].filter(({ expiresAt }) => expiresAt < before);
    for (const { id } of old) this.#sessions.delete(id);
    return old.length;
  }

  #put(session: StoredSession): void {
    this.#sessions.delete(session.id);
    this.#sessions.set(session.id, session);
    if (this.#sessions.size <= this.#max) return;
    const [oldest] = this.#sessions.keys();
    this.#sessions.delete(oldest!);
  }
}
