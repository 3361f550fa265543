import { randomBytes } from "node:crypto";

import { findMysql, startMysql, type MysqlServer } from "./mysql-server.js";
import { findPostgres, startPostgres, type PostgresServer } from "./postgres-server.js";
import { titleOf, type TestDatabase } from "./test-engine.js";

/** Databases on a PostgreSQL server: the one that is given, or one of our own. */
export function postgres(given: string | undefined): TestDatabase {
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
    copy: (url, name, from) => runPostgres(url, `create database ${name} template ${from}`),
    drop: (url, name) => runPostgres(url, `drop database if exists ${name} with (force)`),
  });
}

/** Databases on a MySQL server: the one that is given, or one of our own. */
export function mysql(given: string | undefined): TestDatabase {
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
  /** Where the server can. */
  readonly copy?: (url: string, name: string, from: string) => Promise<void>;
  readonly drop: (url: string, name: string) => Promise<void>;
}

/** Databases on a server that was given, or on one that is started when it is wanted. */
function onServer<Server extends { readonly url: string; stop(): Promise<void> }>({
  name,
  missing,
  given,
  start,
  create,
  copy,
  drop,
}: ServerDatabases<Server>): TestDatabase {
  const made: string[] = [];
  let server: Promise<Server> | undefined;
  const serverUrl = async (): Promise<string> => given ?? (await (server ??= start())).url;
  const add = async (make: (server: string, name: string) => Promise<void>): Promise<string> => {
    const database = `test_${randomBytes(6).toString("hex")}`;
    const url = new URL(await serverUrl());
    await make(url.href, database);
    made.push(database);
    url.pathname = `/${database}`;
    return url.href;
  };
  return {
    name,
    missing,
    title: titleOf(name, missing),
    url: () => add(create),
    async template(prepare) {
      const prepared = async (): Promise<string> => {
        const url = await add(create);
        await prepare(url);
        return url;
      };
      const first = await prepared();
      if (!copy) {
        let unused: string | undefined = first;
        return async () => {
          const url = unused ?? (await prepared());
          unused = undefined;
          return url;
        };
      }
      const from = new URL(first).pathname.slice(1);
      return () => add((url, database) => copy(url, database, from));
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
