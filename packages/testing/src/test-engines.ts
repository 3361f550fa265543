import { embedded, sqlite } from "./file-engines.js";
import { findRedis, startRedis, type RedisServer } from "./redis-server.js";
import { mysql, postgres } from "./server-engines.js";
import {
  titleOf,
  type TestDatabase,
  type TestDatabaseName,
  type TestEngine,
} from "./test-engine.js";

/** Variables that say which engines there are: pass `process.env`. */
export interface TestEnvironment {
  /** A PostgreSQL server to use instead of one of our own; its user must be allowed to create databases. */
  readonly TEST_DATABASE_URL?: string | undefined;
  /** A MySQL or MariaDB server to use instead of one of our own; its user must be allowed to create databases. */
  readonly TEST_MYSQL_URL?: string | undefined;
  /** A Redis server to use instead of one of our own; tests keep to keys of their own. */
  readonly TEST_REDIS_URL?: string | undefined;
  /** The engines, separated by commas, that must not be missing. */
  readonly REQUIRED_ENGINES?: string | undefined;
}

/**
 * The databases that a suite is to run on, each once: `describe.skip` it when it is `missing`.
 *
 * @param names - in this order; by default those that speak PostgreSQL
 * @throws an error when an engine that `REQUIRED_ENGINES` names is missing.
 */
export async function testDatabases(
  environment: TestEnvironment = {},
  names: readonly TestDatabaseName[] = ["embedded", "postgres"],
): Promise<readonly TestDatabase[]> {
  const make: Readonly<Record<TestDatabaseName, () => TestDatabase | Promise<TestDatabase>>> = {
    embedded,
    postgres: () => postgres(environment.TEST_DATABASE_URL),
    mysql: () => mysql(environment.TEST_MYSQL_URL),
    sqlite,
  };
  const databases = await Promise.all(names.map(async (name) => make[name]()));
  for (const database of databases) demand(database, environment);
  return databases;
}

/**
 * The Redis that a suite is to run on: `describe.skip` it when it is `missing`.
 *
 * @throws an error when it is missing although `REQUIRED_ENGINES` names it.
 */
export function testRedis(environment: TestEnvironment = {}): TestEngine<"redis"> {
  const given = environment.TEST_REDIS_URL;
  const missing =
    given === undefined && findRedis() === undefined
      ? "no Redis on this machine, and TEST_REDIS_URL is not set"
      : undefined;
  let server: Promise<RedisServer> | undefined;
  const engine: TestEngine<"redis"> = {
    name: "redis",
    missing,
    title: titleOf("redis", missing),
    url: async () => given ?? (await (server ??= startRedis())).url,
    async close() {
      await (await server)?.stop();
      server = undefined;
    },
  };
  demand(engine, environment);
  return engine;
}

function demand({ name, missing }: TestEngine, { REQUIRED_ENGINES }: TestEnvironment): void {
  const required = REQUIRED_ENGINES?.split(",").map((each) => each.trim()) ?? [];
  if (missing !== undefined && required.includes(name)) {
    throw new Error(`REQUIRED_ENGINES names ${name}, but ${missing}`);
  }
}
