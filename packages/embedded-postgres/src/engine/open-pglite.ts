import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

import type { Extension, PGlite, PGliteOptions } from "@electric-sql/pglite";

import { DataDirectory } from "./data-directory.js";
import { DurableFileSystem } from "./durable-file-system.js";
import { finishNewDatabase } from "./new-database.js";
import type { PostgresModule } from "./postgres-module.js";

/** A step of opening a database that takes its time. */
export interface OpenProgress {
  /**
   * `creating`: a new database is made, from the template that comes with the package or, much slower, from nothing.
   * `securing`: its files are forced to the disk. `starting`: PostgreSQL starts, and recovers if it has to.
   */
  readonly step: "creating" | "securing" | "starting";
  /** The step in words for a person. */
  readonly message: string;
}

/** Options of {@link openPglite}. */
export interface OpenPgliteOptions {
  /** `undefined`: in memory. */
  readonly directory: string | undefined;
  readonly durable: boolean;
  /** The file that a new database is unpacked from, if there is one. */
  readonly template: string | undefined;
  /** The URLs of modules that export PGlite's extensions. */
  readonly extensions: readonly string[];
  /** PostgreSQL, compiled. */
  readonly module: PostgresModule;
  readonly onProgress: (progress: OpenProgress) => void;
  /** A line of PostgreSQL's log. */
  readonly onLog: (line: string) => void;
  /** A file has been forced to the disk. */
  readonly onSync: () => void;
}

/** Starts PostgreSQL on a directory, which has a database afterwards if it had none before. */
export async function openPglite(options: OpenPgliteOptions): Promise<PGlite> {
  const { PGlite } = await import("@electric-sql/pglite");
  const { directory, durable, onProgress } = options;
  const data = directory === undefined ? undefined : new DataDirectory(directory);
  const fresh = !data?.exists();
  const common: PGliteOptions = {
    pgliteWasmModule: options.module,
    extensions: await loadExtensions(options.extensions),
    startParams: startParameters(durable && directory !== undefined),
    onStderr: (line) => {
      options.onLog(line);
      return false;
    },
  };
  if (!fresh) onProgress({ step: "starting", message: "starting PostgreSQL" });
  else if (options.template === undefined) {
    onProgress({ step: "creating", message: "creating a database with initdb, a few seconds" });
  } else {
    onProgress({ step: "creating", message: "creating a database from the template" });
    common.loadDataDir = new Blob([gunzipSync(readFileSync(options.template))]);
  }
  if (data) {
    if (fresh) data.begin();
    common.fs = new DurableFileSystem(data.path, options.onSync);
  }
  const pglite = await PGlite.create(common);
  if (fresh && options.template === undefined) await finishNewDatabase(pglite);
  if (fresh && data) {
    if (durable) onProgress({ step: "securing", message: "forcing the new database to the disk" });
    await data.finish(durable);
  }
  return pglite;
}

async function loadExtensions(urls: readonly string[]): Promise<Record<string, Extension>> {
  const extensions: Record<string, Extension> = {};
  for (const url of urls) {
    const found = Object.values((await import(url)) as object).filter(isExtension);
    if (found.length === 0) throw new TypeError(`${url} exports no extension of PGlite`);
    for (const extension of found) extensions[extension.name] = extension;
  }
  return extensions;
}

function isExtension(value: unknown): value is Extension {
  return typeof value === "object" && value !== null && "setup" in value && "name" in value;
}

function startParameters(durable: boolean): string[] {
  const settings = {
    exit_on_error: "false",
    // the engine's own fdatasync, the default, does nothing
    wal_sync_method: "fsync",
    io_method: "sync",
    log_checkpoints: "false",
    max_worker_processes: "0",
    max_parallel_workers: "0",
    max_parallel_workers_per_gather: "0",
    max_parallel_maintenance_workers: "0",
    // one process in an application's memory, not a server of its own
    shared_buffers: "16MB",
    wal_buffers: "1MB",
  };
  return [
    "--single",
    ...(durable ? [] : ["-F"]),
    "-j",
    ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
}
