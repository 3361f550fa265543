import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { titleOf, type TestDatabase } from "./test-engine.js";

/** The embedded PostgreSQL: in memory, or in temporary folders where it is copied. */
export async function embedded(): Promise<TestDatabase> {
  const missing = await import("@infra/embedded-postgres").then(
    () => undefined,
    () => "@infra/embedded-postgres is not installed",
  );
  const folders = new Folders("embedded-");
  return {
    name: "embedded",
    missing,
    title: titleOf("embedded", missing),
    url: () => Promise.resolve("pglite:memory"),
    template: (prepare) => folders.template(prepare, (folder) => `pglite:${join(folder, "db")}`),
    close: () => folders.remove(),
  };
}

/** SQLite, each database a file in a temporary folder. */
export async function sqlite(): Promise<TestDatabase> {
  const missing = await whyNoSqlite();
  const folders = new Folders("sqlite-");
  return {
    name: "sqlite",
    missing,
    title: titleOf("sqlite", missing),
    url: async () => sqliteUrl(await folders.make()),
    template: (prepare) => folders.template(prepare, sqliteUrl),
    close: () => folders.remove(),
  };
}

const sqliteUrl = (folder: string): string => `sqlite:${join(folder, "test.db")}`;

/** Temporary folders, gone together. */
class Folders {
  readonly #prefix: string;
  readonly #made: string[] = [];

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  async make(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), this.#prefix));
    this.#made.push(folder);
    return folder;
  }

  async template(
    prepare: (url: string) => Promise<void>,
    urlIn: (folder: string) => string,
  ): Promise<() => Promise<string>> {
    const original = await this.make();
    await prepare(urlIn(original));
    return async () => {
      const folder = await this.make();
      await cp(original, folder, { recursive: true });
      return urlIn(folder);
    };
  }

  async remove(): Promise<void> {
    for (const folder of this.#made.splice(0)) await rm(folder, { recursive: true, force: true });
  }
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
