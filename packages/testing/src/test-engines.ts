import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { findMysql, startMysql, type MysqlServer } from "./mysql-server.js";
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

/** The kinds of database that there are. */
export type TestDatabaseName = "embedded" | "postgres" | "mysql" | "sqlite";

/** A kind of database; each call of its `url()` gives a new, empty one, for `DatabaseService`. */
export type TestDatabase = TestEngine<TestDatabaseName>;

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

async function sqlite(): Promise<TestDatabase> {
  const missing = await whyNoSqlite();
  const folders: string[] = [];
  return {
    name: "sqlite",
    missing,
    title: titleOf("sqlite", missing),
    async url() {
      const folder = await mkdtemp(join(tmpdir(), "sqlite-"));
      folders.push(folder);
      return `sqlite:${join(folder, "test.db")}`;
    },
    async close() {
      for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
    },
  };
}

async function whyNoSqlite(): Promise<string | undefined> {
  // better-sqlite3 13 ends Node.js 20 with a segmentation fault when a database is opened
  if (Number(process.versions.node.split(".")[0]) < 22) return "better-sqlite3 13 needs Node.js 22";
  try {
    const { default: Sqlite } = await import("better-sqlite3");
    new Sqlite(":memory:").close();
    return undefined;
  } catch {
    return "better-sqlite3 is not installed";
  }
}

function postgres(given: string | undefined): TestDatabase {
  const missing =
    given === undefined && findPostgres() === undefined
      ? "no PostgreSQL on this machine, and TEST_DATABASE_URL is not set"
      : undefined;
  return onServer<PostgresServer>({
    name: "postgres",
    missing,
    given,
    start: () => startPostgres(),
    create: (url, name) => runPostgres(url, `create database ${name}`),
    drop: (url, name) => runPostgres(url, `drop database if exists ${name} with (force)`),
  });
}

function mysql(given: string | undefined): TestDatabase {
  const missing =
    given === undefined && findMysql() === undefined
      ? "no MySQL or MariaDB on this machine, and TEST_MYSQL_URL is not set"
      : undefined;
  return onServer<MysqlServer>({
    name: "mysql",
    missing,
    given,
    start: () => startMysql(),
    create: (url, name) => runMysql(url, `create database ${name}`),
    drop: (url, name) => runMysql(url, `drop database if exists ${name}`),
  });
}

interface ServerDatabases<Server> {
  readonly name: "postgres" | "mysql";
  readonly missing: string | undefined;
  readonly given: string | undefined;
  readonly start: () => Promise<Server>;
  readonly create: (url: string, name: string) => Promise<void>;
  readonly drop: (url: string, name: string) => Promise<void>;
}

/** Databases on a server that was given, or on one that is started when it is wanted. */
function onServer<Server extends { readonly url: string; stop(): Promise<void> }>({
  name,
  missing,
  given,
  start,
  create,
  drop,
}: ServerDatabases<Server>): TestDatabase {
  const made: string[] = [];
  let server: Promise<Server> | undefined;
  const serverUrl = async (): Promise<string> => given ?? (await (server ??= start())).url;
  return {
    name,
    missing,
    title: titleOf(name, missing),
    async url() {
      const database = `test_${randomBytes(6).toString("hex")}`;
      const url = new URL(await serverUrl());
      await create(url.href, database);
      made.push(database);
      url.pathname = `/${database}`;
      return url.href;
    },
    async close() {
      if (given !== undefined) for (const database of made.splice(0)) await drop(given, database);
      await (await server)?.stop();
      server = undefined;
    },
  };
}

async function runPostgres(url: string, sql: string): Promise<void> {
  const { default: pg } = await import("pg");
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

async function runMysql(url: string, sql: string): Promise<void> {
  const { createConnection } = await import("mysql2/promise");
  const connection = await createConnection(url);
  try {
    await connection.query(sql);
  } finally {
    await connection.end();
  }
}
