import type { Database } from "better-sqlite3";

import type { Dialect, RowReading } from "../dialect.js";
import { jsonBindings } from "./json-bindings.js";
import { isBusy, translateSqliteError } from "./sqlite-errors.js";

let cursors = 0;

/** SQLite through `better-sqlite3`: one connection, statements run on the event loop. */
export const sqliteDialect: Dialect = {
  knexClient: "better-sqlite3",
  // one connection that stays: with it a database in memory would go
  knexConfig: { useNullAsDefault: true, pool: { min: 1, max: 1 } },
  transactionalSchema: true,
  returning: true,
  textType: "text",
  maxBindings: 32_766,
  // knex makes one SELECT of each
  maxRows: 500,
  maxConnections: 1,
  readsInTransaction: false,
  rows: <Row>(result: unknown) => (Array.isArray(result) ? (result as Row[]) : []),
  bind: jsonBindings,
  position: (sql) => sql.replaceAll("\\?", "?"),
  // a transaction that writes takes its lock at once: later it could neither get it nor go on
  begin: ({ readOnly }) => (readOnly ? ["PRAGMA query_only = 1;", "BEGIN;"] : ["BEGIN IMMEDIATE;"]),
  reset: (connection) => void (connection as Database).pragma("query_only = 0"),
  ping: () => Promise.resolve(),
  isBusy,
  translate: translateSqliteError,
  /** A copy in a temporary table, read piece by piece: the only connection stays of use meanwhile. */
  async *readRows<Row>({ sql, bindings, batchSize, run }: RowReading) {
    cursors += 1;
    const copy = `infra_cursor_${cursors}`;
    await run(`create temp table ${copy} as ${sql}`, bindings);
    try {
      for (let from = 0; ; from += batchSize) {
        const rows = (await run(
          `select * from ${copy} where rowid > ${from} and rowid <= ${from + batchSize} order by rowid`,
        )) as Row[];
        yield* rows;
        if (rows.length < batchSize) break;
      }
    } finally {
      await run(`drop table ${copy}`);
    }
  },
};
