import type { IsolationLevel } from "@infra/interfaces";
import type { Knex } from "knex";

import type { DatabaseScheme } from "./database-url.js";
import { mysqlDialect } from "./dialects/mysql.js";
import { postgresDialect } from "./dialects/postgres.js";
import { sqliteDialect } from "./dialects/sqlite.js";
import type { Ask } from "./driver-error.js";
import type { RawConnection } from "./driver.js";
import type { JoiningClient } from "./joining-client.js";

/** How a transaction is to be opened. */
export interface TransactionMode {
  readonly isolation: IsolationLevel | undefined;
  readonly readOnly: boolean;
}

/** What a stream of rows is read with. */
export interface RowReading {
  /** The client of the transaction that is read in, or the root's. */
  readonly client: JoiningClient;
  readonly sql: string;
  readonly bindings: readonly unknown[];
  readonly batchSize: number;
  readonly signal: AbortSignal | undefined;
  /** Runs one statement on `client`; the signal cancels it. */
  readonly run: (sql: string, bindings?: readonly unknown[]) => Promise<unknown>;
}

/** What differs between the languages and clients of the engines; needs no client library to be there. */
export interface Dialect {
  /** What knex calls it. */
  readonly knexClient: "pg" | "mysql2" | "better-sqlite3";
  /** What knex is made with besides. */
  readonly knexConfig: Readonly<Knex.Config>;
  /** Whether a schema change belongs to the transaction around it. */
  readonly transactionalSchema: boolean;
  /** Whether INSERT and UPDATE can give rows. */
  readonly returning: boolean;
  /** The type that a time is written out in. */
  readonly textType: string;
  /** What one statement can bind at the most. */
  readonly maxBindings: number;
  /** Rows that one INSERT can have at the most. */
  readonly maxRows: number;
  /** Connections at the most, where the engine has a limit of its own. */
  readonly maxConnections: number;
  /** The rows of what `knex.raw` gives. */
  rows<Row>(result: unknown): Row[];
  /** The values of a statement as the client wants them. */
  bind(bindings: readonly unknown[]): readonly unknown[];
  /** The statement as the client wants it, `\?` being a question mark that is no placeholder. */
  position?(sql: string): string;
  /** The statements that open a transaction. */
  begin(mode: TransactionMode): readonly string[];
  /** Makes a connection fit for the next one who takes it. */
  reset?(connection: RawConnection): void;
  /** Whether a statement ended the transaction that it ran in, without being asked to. */
  endedTransaction?(response: unknown): boolean;
  /** Tries whether a connection still answers. */
  ping(connection: RawConnection): Promise<unknown>;
  /** Whether a statement may simply be tried again a little later. */
  readonly isBusy?: (error: unknown) => boolean;
  /** The typed error that an error of the client amounts to. */
  translate(thrown: unknown, statement: string | undefined, ask: Ask): unknown;
  /** Takes the lock of the migrations until the transaction ends; without it, the engine's own lock is taken. */
  lockMigrations?(knex: Knex): Promise<boolean>;
  /** Reads the rows of a query without holding all of them. */
  readRows<Row>(reading: RowReading): AsyncGenerator<Row, void, undefined>;
  /** Whether such reading needs a transaction around it. */
  readonly readsInTransaction: boolean;
}

const dialects: Readonly<Record<DatabaseScheme, Dialect>> = {
  postgres: postgresDialect,
  pglite: postgresDialect,
  mysql: mysqlDialect,
  sqlite: sqliteDialect,
};

/** The dialect of a URL's engine. */
export function dialectOf(scheme: DatabaseScheme): Dialect {
  return dialects[scheme];
}
