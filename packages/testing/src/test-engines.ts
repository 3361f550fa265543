import { randomBytes } from "node:crypto";

import { findPostgres, startPostgres, type PostgresServer } from "./postgres-server.js";
import { findRedis, startRedis, type RedisServer } from "./redis-server.js";

/** An engine that tests run on. */
export interface TestEngine<Name extends string = string> {
  readonly name: Name;
  /** Why it can't be had here; `undefined` when it can. */
  readonly missing: string | undefined;
  /** For `describe`: the name, and why it is skipped if it is. */
  readonly title: string;
  /** Where it is. */
  url(): Promise<string>;
  /** Removes what was made, and ends the server if one was started. */
  close(): Promise<void>;
}

/** A kind of database; each call of its `url()` gives a new, empty one, for `DatabaseService`. */
export type TestDatabase = TestEngine<"embedded" | "postgres">;

/** Variables that say which engines there are: pass `process.env`. */
export interface TestEnvironment {
  /** A PostgreSQL server to use instead of one of our own; its user must be allowed to create databases. */
  readonly TEST_DATABASE_URL?: string | undefined;
  /** A Redis server to use instead of one of our own; tests keep to keys of their own. */
  readonly TEST_REDIS_URL?: string | undefined;
  /** The engines, separated by commas, that must not be missing. */
  readonly REQUIRED_ENGINES?: string | undefined;
}

/**
 * The databases that a suite is to run on, each once: `describe.skip` it when it is `missing`.
 *
 * @throws an error when an engine that `REQUIRED_ENGINES` names is missing.
 */
export async function testDatabases(
  environment: TestEnvironment = {},
): Promise<readonly TestDatabase[]> {
  const databases = [await embedded(), postgres(environment.TEST_DATABASE_URL)];
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

const titleOf = (name: string, missing: string | undefined): string =>
  missing === undefined ? name : `${name} (skipped: ${missing})`;

async function embedded(): Promise<TestDatabase> {
  const missing = await import("@infra/embedded-postgres").then(
    () => undefined,
    () => "@infra/embedded-postgres is not installed",
  );
  return {
    name: "embedded",
    missing,
    title: titleOf("embedded", missing),
    url: () => Promise.resolve("pglite:memory"),
    close: () => Promise.resolve(),
  };
}

function postgres(given: string | undefined): TestDatabase {
  const missing =
    given === undefined && findPostgres() === undefined
      ? "no PostgreSQL on this machine, and TEST_DATABASE_URL is not set"
      : undefined;
  const made: string[] = [];
  let server: Promise<PostgresServer> | undefined;
  const serverUrl = async (): Promise<string> => given ?? (await (server ??= startPostgres())).url;
  return {
    name: "postgres",
    missing,
    title: titleOf("postgres", missing),
    async url() {
      const name = `test_${randomBytes(6).toString("hex")}`;
      const url = new URL(await serverUrl());
      await runSql(url.href, `create database ${name}`);
      made.push(name);
      url.pathname = `/${name}`;
      return url.href;
    },
    async close() {
      if (given !== undefined) {
        for (const name of made.splice(0)) {
          await runSql(given, `drop database if exists ${name} with (force)`);
        }
      }
      await (await server)?.stop();
      server = undefined;
    },
  };
}

async function runSql(url: string, sql: string): Promise<void> {
  const { default: pg } = await import("pg");
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
