import { ConflictError } from "@infra/errors";
import type { Clock, SessionStore, SessionStoreOptions, StoredSession } from "@infra/interfaces";

import type { SqlTables } from "./tables.js";
import { jsonOf, numberOf, textOf } from "./values.js";

interface SessionRow {
  readonly id: string;
  readonly user_id: string | null;
  readonly created_at: unknown;
  readonly last_seen_at: unknown;
  readonly expires_at: unknown;
  readonly data: string;
}

/** Sessions in a database. */
export class SqlSessionStore implements SessionStore {
  readonly #tables: SqlTables;
  readonly #clock: Clock;

  constructor(tables: SqlTables, clock: Clock) {
    this.#tables = tables;
    this.#clock = clock;
  }

  async get(id: string, { signal }: SessionStoreOptions = {}): Promise<StoredSession | undefined> {
    const [row] = await this.#tables.query<SessionRow>(
      "select * from {}sessions where id = ? and expires_at > ?",
      [id, this.#clock.now()],
      signal,
    );
    return row?.id === id ? sessionOf(row) : undefined;
  }

  async set(session: StoredSession, { signal }: SessionStoreOptions = {}): Promise<void> {
    if (await this.#isThere(session.id, signal)) {
      await this.#write(session, signal);
      return;
    }
    const { id, userId, createdAt, lastSeenAt, expiresAt, data } = session;
    try {
      // a savepoint where a transaction is open: a row that is there already must not end it
      await this.#tables.database.transaction(
        () =>
          this.#tables.query(
            "insert into {}sessions (id, user_id, created_at, last_seen_at, expires_at, data) values (?, ?, ?, ?, ?, ?)",
            [id, userId ?? null, createdAt, lastSeenAt, expiresAt, textOf(data)],
            signal,
          ),
        { propagation: "nested" },
      );
    } catch (error) {
      if (!ConflictError.is(error)) throw error;
      await this.#write(session, signal);
    }
  }

  async touch(
    id: string,
    { lastSeenAt, expiresAt, data }: Parameters<SessionStore["touch"]>[1],
    { signal }: SessionStoreOptions = {},
  ): Promise<void> {
    await this.#tables.query(
      `update {}sessions set last_seen_at = ?, expires_at = ?${data ? ", data = ?" : ""} where id = ?`,
      [lastSeenAt, expiresAt, ...(data ? [textOf(data)] : []), id],
      signal,
    );
  }

  async delete(id: string, { signal }: SessionStoreOptions = {}): Promise<void> {
    await this.#tables.query("delete from {}sessions where id = ?", [id], signal);
  }

  async listByUser(
    userId: string,
    { signal }: SessionStoreOptions = {},
  ): Promise<readonly StoredSession[]> {
    const rows = await this.#tables.query<SessionRow>(
      "select * from {}sessions where user_id = ? and expires_at > ? order by last_seen_at desc",
      [userId, this.#clock.now()],
      signal,
    );
    return rows.filter((row) => row.user_id === userId).map((row) => sessionOf(row));
  }

  async deleteByUser(
    userId: string,
    {
      exceptId = "",
      signal,
    }: SessionStoreOptions & { readonly exceptId?: string | undefined } = {},
  ): Promise<number> {
    const theirs = await this.listByUser(userId, { signal });
    await this.#tables.query(
      "delete from {}sessions where user_id = ? and id <> ?",
      [userId, exceptId],
      signal,
    );
    return theirs.filter(({ id }) => id !== exceptId).length;
  }

  async prune(before: number, { signal }: SessionStoreOptions = {}): Promise<number> {
    return await this.#tables.prune("sessions", before, { signal });
  }

  async #isThere(id: string, signal: AbortSignal | undefined): Promise<boolean> {
    const rows = await this.#tables.query("select id from {}sessions where id = ?", [id], signal);
    return rows.length > 0;
  }

  async #write(session: StoredSession, signal: AbortSignal | undefined): Promise<void> {
    const { id, userId, createdAt, lastSeenAt, expiresAt, data } = session;
    await this.#tables.query(
      "update {}sessions set user_id = ?, created_at = ?, last_seen_at = ?, expires_at = ?, data = ? where id = ?",
      [userId ?? null, createdAt, lastSeenAt, expiresAt, textOf(data), id],
      signal,
    );
  }
}

function sessionOf(row: SessionRow): StoredSession {
  return {
    id: row.id,
    ...(row.user_id !== null && { userId: row.user_id }),
    data: jsonOf(row.data),
    createdAt: numberOf(row.created_at),
    lastSeenAt: numberOf(row.last_seen_at),
    expiresAt: numberOf(row.expires_at),
  };
}
