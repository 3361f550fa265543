import { systemClock, type Clock, type Database } from "@infra/interfaces";

import type { AuthStores } from "../auth-stores.js";
import { SqlAccountStore } from "../sql/account-store.js";
import { SqlApiKeyStore } from "../sql/api-key-store.js";
import { SqlRefreshTokenStore } from "../sql/refresh-token-store.js";
import { SqlSessionStore } from "../sql/session-store.js";
import { SqlTables, tableStatements } from "../sql/tables.js";

/** Options of {@link SqlAuthStores}. */
export interface SqlAuthStoresOptions {
  readonly database: Database;
  /** What the names of its tables begin with. @default "auth_" */
  readonly prefix?: string | undefined;
  /** Whether it makes the tables that are missing; `false` where {@link authMigrations} do. @default true */
  readonly createTables?: boolean | undefined;
}

/**
 * All stores in a database: PostgreSQL, the embedded one included, MySQL or SQLite. Every call joins the transaction that is
 * open, so that an account and the application's own rows of it come and go together.
 */
export class SqlAuthStores implements AuthStores {
  readonly accounts: SqlAccountStore;
  readonly sessions: SqlSessionStore;
  readonly refreshTokens: SqlRefreshTokenStore;
  readonly apiKeys: SqlApiKeyStore;
  readonly #tables: SqlTables;

  /** @throws RangeError when the prefix is no beginning of a table's name. */
  constructor(
    { database, prefix = "auth_", createTables = true }: SqlAuthStoresOptions,
    { clock = systemClock }: { readonly clock?: Clock | undefined } = {},
  ) {
    this.#tables = new SqlTables(database, prefix, createTables);
    this.accounts = new SqlAccountStore(this.#tables);
    this.sessions = new SqlSessionStore(this.#tables, clock);
    this.refreshTokens = new SqlRefreshTokenStore(this.#tables);
    this.apiKeys = new SqlApiKeyStore(this.#tables);
  }

  async open(): Promise<void> {
    await this.#tables.open();
  }
}

/** As much of a migration of `@infra/database` as is needed here. */
export interface AuthMigration {
  readonly name: string;
  up(knex: { raw(sql: string): PromiseLike<unknown> }): Promise<void>;
  down(knex: { raw(sql: string): PromiseLike<unknown> }): Promise<void>;
}

/** Migrations that make the tables, for who wants them among their own; then `createTables: false`. */
export function authMigrations(prefix = "auth_"): readonly AuthMigration[] {
  return [
    {
      name: "infra_auth_001_tables",
      async up(knex) {
        for (const statement of tableStatements(prefix)) await knex.raw(statement);
      },
      async down(knex) {
        for (const statement of tableStatements(prefix).toReversed()) {
          await knex.raw(`drop table ${/exists (\w+)/.exec(statement)![1]}`);
        }
      },
    },
  ];
}
