import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";

import { EmbeddedPostgresVersionError } from "../errors.js";
import { syncFolder } from "./durable-file-system.js";

/** The major version of PostgreSQL that this package runs. */
export const majorVersion = "18";

/**
 * Where a database lives in its directory. While it is being made there is a file beside it that says so: what a crash
 * left unfinished is made again from the start.
 */
export class DataDirectory {
  readonly path: string;
  readonly #directory: string;
  readonly #unfinished: string;

  constructor(directory: string) {
    this.#directory = directory;
    this.path = join(directory, "pgdata");
    this.#unfinished = join(directory, "unfinished");
  }

  /**
   * Whether there is a database already.
   *
   * @throws EmbeddedPostgresVersionError when another major version of PostgreSQL made it.
   */
  exists(): boolean {
    const file = join(this.path, "PG_VERSION");
    if (existsSync(this.#unfinished) || !existsSync(file)) return false;
    const version = readFileSync(file, "utf8").trim();
    if (version !== majorVersion) {
      throw new EmbeddedPostgresVersionError(
        `The database in ${this.#directory} was made by PostgreSQL ${version}, this package runs ${majorVersion}: dump it with the old version and restore it with the new one`,
        { details: { directory: this.#directory, found: version, expected: majorVersion } },
      );
    }
    return true;
  }

  /** Makes room for a new database. */
  begin(): void {
    writeFileSync(this.#unfinished, "");
    syncFolder(this.#directory);
    rmSync(this.path, { recursive: true, force: true });
    mkdirSync(this.path, { mode: 0o700 });
  }

  /** The new database is whole. `durable`: and shall survive a power failure from here on. */
  async finish(durable: boolean): Promise<void> {
    if (durable) await syncTree(this.path);
    rmSync(this.#unfinished);
    if (durable) syncFolder(this.#directory);
  }
}

/** Forces a folder and all that is in it to the disk. */
async function syncTree(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return syncTree(path);
      const file = await open(path, "r+");
      try {
        await file.sync();
      } finally {
        await file.close();
      }
    }),
  );
  syncFolder(folder);
}
