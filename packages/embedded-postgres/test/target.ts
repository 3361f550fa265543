import { afterAll, beforeAll } from "@jest/globals";
import pg from "pg";

/** Where a suite's clients connect. */
export interface Target {
  readonly config: pg.PoolConfig;
  stop(): Promise<void>;
}

/** A target with two pools, for the tests of a suite. */
export interface TargetPools {
  readonly config: pg.PoolConfig;
  readonly pool: pg.Pool;
  /** One whose connections ask for the search_path `other`. */
  readonly other: pg.Pool;
}

/** Starts the target before a suite, and stops it after. */
export function usePools(start: () => Promise<Target>, schema: string): TargetPools {
  let target: Target;
  let pool: pg.Pool;
  let other: pg.Pool;
  const disconnected: Promise<void>[] = [];

  beforeAll(async () => {
    target = await start();
    pool = new pg.Pool({ ...target.config, max: 8 });
    other = new pg.Pool({ ...target.config, max: 4, options: '-c search_path="other"' });
    for (const each of [pool, other]) {
      each.on("connect", (client) => {
        disconnected.push(new Promise((resolve) => client.once("end", resolve)));
      });
    }
    await pool.query(schema);
  }, 60_000);

  afterAll(async () => {
    await pool?.end();
    await other?.end();
    // end() does not wait for the server, which would tell a client that is still there that it shuts down
    await Promise.all(disconnected);
    await target?.stop();
  }, 60_000);

  return {
    get config() {
      return target.config;
    },
    get pool() {
      return pool;
    },
    get other() {
      return other;
    },
  };
}
