import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";

import { importPeer } from "@infra/errors";
import type { Database } from "better-sqlite3";

import type { Engine, OpenContext } from "../driver.js";
import { UnsupportedError } from "../errors.js";
import { ProcessLock } from "../process-lock.js";

/** How long opening a file waits for another process, in milliseconds. */
const openTimeoutMs = 5_000;

/**
 * SQLite in the process, by `sqlite:./file`, or `sqlite:memory` for one that is gone when it is closed.
 *
 * It has one connection: transactions take turns. Statements run on the event loop, and can't be interrupted. Foreign keys
 * are enforced, the journal is a write-ahead log, and a commit is on the disk before it is acknowledged.
 *
 * @throws UnsupportedError when the `better-sqlite3` that is installed would crash this Node.js.
 */
export async function openSqlite({ url }: OpenContext): Promise<Engine> {
  const { default: Sqlite } = await importPeer("better-sqlite3", () => import("better-sqlite3"), {
    for: "the url sqlite:",
  });
  refuseCrash();
  const memory = url.rest === "memory" || url.rest === ":memory:";
  const file = memory ? ":memory:" : resolve(url.rest);
  if (!memory) await mkdir(dirname(file), { recursive: true });
  /** What knex makes connections with: `new` gives what the function returns. */
  function Bound(): Database {
    const database = new Sqlite(file, { timeout: openTimeoutMs });
    database.pragma("foreign_keys = on");
    if (!memory) database.pragma("journal_mode = wal");
    database.pragma("synchronous = full");
    // from here on it is waited for without standing on the event loop
    database.pragma("busy_timeout = 0");
    return database;
  }
  const lock = new ProcessLock();
  return {
    name: "sqlite",
    client: Bound,
    concurrentTransactions: false,
    cancel: () => Promise.resolve("runs on"),
    terminate: (connection) => void (connection as Database).close(),
    lock: () => Promise.resolve(lock.take()),
    openPool: () => {
      throw new UnsupportedError(
        "openPool() gives PostgreSQL pools, which the sqlite engine has not",
      );
    },
    close: () => Promise.resolve(),
  };
}

/** better-sqlite3 13 ends Node.js 20 with a segmentation fault when it opens a database. */
function refuseCrash(): void {
  if (Number(process.versions.node.split(".")[0]) >= 22) return;
  const entry = createRequire(import.meta.url).resolve("better-sqlite3");
  const { version } = JSON.parse(
    readFileSync(join(dirname(entry), "..", "package.json"), "utf8"),
  ) as { version: string };
  if (Number(version.split(".")[0]) < 13) return;
  throw new UnsupportedError(
    `better-sqlite3 ${version} needs Node.js 22, this is ${process.versions.node}: npm i better-sqlite3@12`,
  );
}
