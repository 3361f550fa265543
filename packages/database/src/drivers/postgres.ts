import type { Client } from "pg";

import type { Engine, OpenContext, RawConnection } from "../driver.js";
import { importPg, pgEngine } from "../pg-engine.js";

/** A PostgreSQL server, by `postgres://user:password@host:5432/database`; parameters as `pg` reads them. */
export async function openPostgres({ url, connectTimeoutMs }: OpenContext): Promise<Engine> {
  const pg = await importPg("postgres:", "npm i pg");
  const config = {
    connectionString: url.full,
    connectionTimeoutMillis: Number.isFinite(connectTimeoutMs) ? connectTimeoutMs : 0,
    keepAlive: true,
  };
  return {
    ...pgEngine(pg, config),
    name: "postgres",
    concurrentTransactions: true,
    async cancel(connection: RawConnection): Promise<boolean> {
      const { processID } = connection as Client & { processID?: number };
      // on a connection of its own: the pool may be full of what is to be cancelled
      const canceller = new pg.Client(config);
      canceller.on("error", () => {});
      try {
        await canceller.connect();
        await canceller.query("select pg_cancel_backend($1)", [processID]);
        return true;
      } finally {
        await canceller.end().catch(() => {});
      }
    },
    close: () => Promise.resolve(),
  };
}
