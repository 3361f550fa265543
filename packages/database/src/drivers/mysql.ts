import { importPeer } from "@infra/errors";
import type { Connection, ConnectionOptions } from "mysql2";

import type { Engine, OpenContext, RawConnection } from "../driver.js";
import { UnsupportedError } from "../errors.js";

const lockName = "infra_migrations";

/**
 * A MySQL or MariaDB server, by `mysql://user:password@host:3306/database`; parameters are options of `mysql2`, those that
 * are no strings as JSON. Dates are in UTC, in the session too.
 */
export async function openMysql({ url, connectTimeoutMs }: OpenContext): Promise<Engine> {
  const { default: mysql } = await importPeer("mysql2", () => import("mysql2"), {
    for: "the url mysql:",
  });
  const config: ConnectionOptions = {
    ...connectionOptions(url.full),
    ...(Number.isFinite(connectTimeoutMs) && { connectTimeout: connectTimeoutMs }),
  };
  const create = (): Connection => {
    const connection = mysql.createConnection(config);
    // the first statement of the session
    connection.once("connect", () => {
      connection.query("set time_zone = '+00:00'", (error) => {
        if (error) connection.emit("error", error);
      });
    });
    return connection;
  };
  /** A connection of its own: the pool may be full. */
  const own = async <T>(work: (ask: Ask) => Promise<T>): Promise<T> => {
    const connection = create();
    connection.on("error", () => {});
    try {
      return await work(asker(connection));
    } finally {
      connection.end(() => {});
    }
  };
  return {
    name: "mysql",
    client: { createConnection: create },
    concurrentTransactions: true,
    async cancel(connection: RawConnection) {
      await own((ask) => ask("kill query ?", [(connection as Connection).threadId]));
      // SLEEP() and its like succeed when they are cut short
      return "ends";
    },
    terminate: (connection) => (connection as Connection).destroy(),
    async lock() {
      const connection = create();
      connection.on("error", () => {});
      let locked = false;
      try {
        const [row] = await asker(connection)(
          "select get_lock(concat(?, '.', database()), 0) as locked",
          [lockName],
        );
        locked = row?.["locked"] === 1;
      } finally {
        if (!locked) connection.end(() => {});
      }
      if (!locked) return undefined;
      return {
        [Symbol.asyncDispose]: () => new Promise((resolve) => connection.end(() => resolve())),
      };
    },
    openPool: () => {
      throw new UnsupportedError(
        "openPool() gives PostgreSQL pools, which the mysql engine has not",
      );
    },
    close: () => Promise.resolve(),
  };
}

type Ask = (sql: string, values: readonly unknown[]) => Promise<Record<string, unknown>[]>;

function asker(connection: Connection): Ask {
  return (sql, values) =>
    new Promise((resolve, reject) => {
      connection.query({ sql, values: [...values] }, (error, rows) =>
        error ? reject(error) : resolve(rows as Record<string, unknown>[]),
      );
    });
}

function connectionOptions(text: string): ConnectionOptions {
  const url = new URL(text);
  const parameters = [...url.searchParams].map(([name, value]) => [name, parsed(value)] as const);
  return {
    timezone: "Z",
    supportBigNumbers: true,
    host: decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, "$1"),
    ...(url.port !== "" && { port: Number(url.port) }),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    ...Object.fromEntries(parameters),
  };
}

function parsed(value: string): unknown {
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
