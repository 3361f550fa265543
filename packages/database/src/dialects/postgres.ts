import type { Client } from "pg";

import type { Dialect, RowReading } from "../dialect.js";
import { translatePostgresError } from "./postgres-errors.js";

/** `infra` and `migr`, as two numbers: the name of the lock of the migrations. */
export const migrationLockKey = [0x696e_6672, 0x6d69_6772] as const;

let cursors = 0;

/** PostgreSQL through `pg`, on a server or embedded. */
export const postgresDialect: Dialect = {
  knexClient: "pg",
  knexConfig: {},
  transactionalSchema: true,
  returning: true,
  textType: "text",
  maxBindings: 65_535,
  maxRows: Infinity,
  maxConnections: Infinity,
  readsInTransaction: true,
  rows: <Row>(result: unknown) => (result as { rows: Row[] }).rows,
  bind: (bindings) => bindings,
  begin({ isolation, readOnly }) {
    if (!isolation && !readOnly) return ["BEGIN;"];
    const level = isolation ? ` ISOLATION LEVEL ${isolation}` : "";
    return [`BEGIN TRANSACTION${level}${readOnly ? " READ ONLY" : ""};`];
  },
  ping: (connection) => (connection as Client).query("select 1"),
  translate: (thrown, statement) => translatePostgresError(thrown, statement),
  /** Asked for without waiting: a waiting statement would hold a snapshot. */
  async lockMigrations(knex) {
    const { rows } = await knex.raw<{ rows: { locked: boolean }[] }>(
      "select pg_try_advisory_xact_lock(?, ?) as locked",
      [...migrationLockKey],
    );
    return rows[0]!.locked;
  },
  /** A cursor of the server. */
  async *readRows<Row>({ sql, bindings, batchSize, run }: RowReading) {
    cursors += 1;
    const cursor = `infra_cursor_${cursors}`;
    let failed = false;
    try {
      await run(`declare ${cursor} no scroll cursor for ${sql}`, bindings);
      for (;;) {
        const { rows } = (await run(`fetch ${batchSize} from ${cursor}`)) as { rows: Row[] };
        yield* rows;
        if (rows.length < batchSize) break;
      }
    } catch (error) {
      failed = true;
      throw error;
    } finally {
      // a failed transaction has closed its cursors itself
      if (!failed) await run(`close ${cursor}`);
    }
  },
};
