import type { Client } from "pg";

import { migrationLockKey } from "../dialects/postgres.js";
import type { Cancellation, Engine, OpenContext, RawConnection } from "../driver.js";
import { importPg, pgEngine } from "../pg-engine.js";

/** A PostgreSQL server, by `postgres://user:password@host:5432/database`; parameters as `pg` reads them. */
export async function openPostgres({ url, connectTimeoutMs }: OpenContext): Promise<Engine> {
  const pg = await importPg("postgres:", "pg");
  const config = {
    connectionString: url.full,
    connectionTimeoutMillis: Number.isFinite(connectTimeoutMs) ? connectTimeoutMs : 0,
    keepAlive: true,
  };
  /** A connection of its own: the pool may be full. */
  const connect = async (): Promise<Client> => {
    const client = new pg.Client(config);
    client.on("error", () => {});
    try {
      await client.connect();
    } catch (error) {
      await client.end().catch(() => {});
      throw error;
    }
    return client;
  };
  return {
    ...pgEngine(pg, config),
    name: "postgres",
    concurrentTransactions: true,
    async cancel(connection: RawConnection): Promise<Cancellation> {
      const { processID } = connection as Client & { processID?: number };
      const client = await connect();
      try {
        await client.query("select pg_cancel_backend($1)", [processID]);
        return "fails";
      } finally {
        await client.end().catch(() => {});
      }
    },
    async lock() {
      const client = await connect();
      const end = (): Promise<void> => client.end().catch(() => {});
      let locked = false;
      try {
        const { rows } = await client.query<{ locked: boolean }>(
          "select pg_try_advisory_lock($1, $2) as locked",
          [...migrationLockKey],
        );
        locked = rows[0]!.locked;
      } finally {
        if (!locked) await end();
      }
      return locked ? { [Symbol.asyncDispose]: end } : undefined;
    },
    close: () => Promise.resolve(),
  };
}
