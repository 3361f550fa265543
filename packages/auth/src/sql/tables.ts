import type { Database } from "@infra/interfaces";

/** The statement that makes each table, in the SQL that PostgreSQL, MySQL and SQLite have in common. */
export function tableStatements(prefix: string): readonly string[] {
  return [
    // a key over (owner, id) is the index by owner: "create index if not exists" is not everybody's
    `create table if not exists ${prefix}accounts (id varchar(64) not null primary key, login_hash varchar(64) not null unique, revision varchar(64) not null, document text not null)`,
    `create table if not exists ${prefix}identities (id varchar(64) not null primary key, account_id varchar(64) not null, document text not null, unique (account_id, id))`,
    `create table if not exists ${prefix}sessions (id varchar(64) not null primary key, user_id varchar(64), created_at bigint not null, last_seen_at bigint not null, expires_at bigint not null, data text not null, unique (user_id, id))`,
    `create table if not exists ${prefix}token_families (id varchar(64) not null primary key, account_id varchar(64) not null, last_used_at bigint not null, expires_at bigint not null, revoked_at bigint, revoked_by varchar(64), document text not null, unique (account_id, id))`,
    `create table if not exists ${prefix}refresh_tokens (id varchar(64) not null primary key, family_id varchar(64) not null, expires_at bigint not null, used_at bigint, salt varchar(64), next_id varchar(64), unique (family_id, id))`,
    `create table if not exists ${prefix}api_keys (id varchar(64) not null primary key, account_id varchar(64) not null, created_at bigint not null, last_used_at bigint, document text not null, unique (account_id, id))`,
  ];
}

/** Options of {@link SqlTables.prune}. */
export interface PruneOptions {
  /** Whose rows belong to those of the table, and by which column. */
  readonly children?: { readonly table: string; readonly key: string } | undefined;
  readonly signal?: AbortSignal | undefined;
}

const mostAtOnce = 500;

/**
 * Opens the tables once, when they are first wanted. A failure is forgotten, so that the next use tries again.
 */
export class SqlTables {
  readonly database: Database;
  readonly prefix: string;
  readonly #create: boolean;
  #opening: Promise<void> | undefined;

  /** @throws RangeError when the prefix is no beginning of a table's name. */
  constructor(database: Database, prefix: string, create: boolean) {
    if (!/^[a-z][a-z0-9_]{0,30}$/.test(prefix)) {
      throw new RangeError(
        `prefix must be lower-case letters, digits and "_", got ${JSON.stringify(prefix)}`,
      );
    }
    this.database = database;
    this.prefix = prefix;
    this.#create = create;
  }

  async open(): Promise<void> {
    if (!this.#create) return;
    await (this.#opening ??= this.#make().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    }));
  }

  /** Runs one statement, with `{}` for the prefix of the tables. */
  async query<Row = Record<string, unknown>>(
    sql: string,
    bindings: readonly unknown[],
    signal?: AbortSignal,
  ): Promise<Row[]> {
    await this.open();
    return await this.database.query<Row>(
      sql.replaceAll("{}", this.prefix),
      bindings,
      signal ? { signal } : {},
    );
  }

  /** All or nothing; joins the transaction that is open. */
  async transaction<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    // before it, for MySQL ends a transaction that changes the schema
    await this.open();
    return await this.database.transaction(work, { retries: 3, ...(signal && { signal }) });
  }

  /**
   * Deletes the rows that expired before, with those of their children; how many. Some at a time, by id: MySQL locks every
   * row that a deletion looks at.
   */
  async prune(
    table: string,
    before: number,
    { children, signal }: PruneOptions = {},
  ): Promise<number> {
    for (let total = 0; ;) {
      const deleted = await this.transaction(async () => {
        const rows = await this.query<{ id: string }>(
          `select id from {}${table} where expires_at < ? limit ${mostAtOnce}`,
          [before],
          signal,
        );
        if (rows.length === 0) return 0;
        const ids = rows.map(({ id }) => id);
        const marks = ids.map(() => "?").join(", ");
        if (children) {
          const { table: theirs, key } = children;
          await this.query(`delete from {}${theirs} where ${key} in (${marks})`, ids, signal);
        }
        await this.query(
          `delete from {}${table} where expires_at < ? and id in (${marks})`,
          [before, ...ids],
          signal,
        );
        return ids.length;
      }, signal);
      total += deleted;
      if (deleted < mostAtOnce) return total;
    }
  }

  async #make(): Promise<void> {
    for (const statement of tableStatements(this.prefix)) {
      try {
        await this.database.query(statement);
      } catch {
        // PostgreSQL: two that make one table at the same time may meet in its catalogue
        await this.database.query(statement);
      }
    }
  }
}
