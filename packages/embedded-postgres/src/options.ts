import { readdirSync } from "node:fs";
import { resolve } from "node:path";

import { silentLogger, toMilliseconds, type Duration, type Logger } from "@infra/interfaces";

import type { OpenProgress } from "./engine/open-pglite.js";

/** Options of {@link EmbeddedPostgres.open}. */
export interface EmbeddedPostgresOptions {
  /** Where the database lives; made if it is not there. @default undefined: in memory */
  readonly directory?: string | undefined;
  /**
   * `"fsync"`: what is committed survives a power failure. `"none"`: it survives the process, `kill -9` included, and
   * commits are about twice as quick.
   *
   * @default "fsync"
   */
  readonly durability?: "fsync" | "none";
  /**
   * Runs PostgreSQL in a thread of its own, so that a query does not block the caller's, and time-outs fire. Without,
   * a round trip is shorter.
   *
   * @default true
   */
  readonly thread?: boolean;
  /**
   * How long a request waits behind another connection's open transaction before it fails with SQLSTATE 55P03.
   * `Infinity`: for ever.
   *
   * @default "15s"
   */
  readonly lockWaitTimeout?: Duration;
  /** How often to look whether a checkpoint, a VACUUM or an ANALYZE is due. `Infinity`: never. @default "30s" */
  readonly maintenanceInterval?: Duration;
  /** Connections at the most, those of other processes included; one more is refused. @default 100 */
  readonly maxConnections?: number;
  /**
   * Extensions that `create extension` shall find, at each opening: names of those that PGlite brings (`"pg_trgm"`,
   * `"uuid-ossp"`), or URLs of modules that export one (`import.meta.resolve("@electric-sql/pglite-pgvector")`).
   *
   * @default none
   */
  readonly extensions?: readonly (string | URL)[];
  /** Called at each step of the opening that takes its time, with a sentence for a person; what it throws is logged. */
  readonly onProgress?: (progress: OpenProgress) => void;
  /** Told the steps of the opening (`info`), what PostgreSQL logs (`debug`), and what goes wrong on the side. @default silent */
  readonly logger?: Logger;
}

/** The options with defaults, checked. */
export interface ResolvedOptions {
  readonly directory: string | undefined;
  readonly durable: boolean;
  readonly thread: boolean;
  readonly lockWaitTimeoutMs: number;
  readonly maintenanceIntervalMs: number;
  readonly maxConnections: number;
  /** URLs of modules. */
  readonly extensions: readonly string[];
  readonly onProgress: (progress: OpenProgress) => void;
  readonly logger: Logger;
}

/** @throws TypeError or RangeError that names the option, what it was, and what it should be. */
export function resolveOptions(options: EmbeddedPostgresOptions): ResolvedOptions {
  const { directory, durability = "fsync", thread = true, maxConnections = 100 } = options;
  if (directory !== undefined && (typeof directory !== "string" || directory === "")) {
    throw new TypeError(`directory must be a path or undefined, got ${shown(directory)}`);
  }
  if (durability !== "fsync" && durability !== "none") {
    throw new TypeError(`durability must be "fsync" or "none", got ${shown(durability)}`);
  }
  if (typeof thread !== "boolean") {
    throw new TypeError(`thread must be true or false, got ${shown(thread)}`);
  }
  if (!Number.isInteger(maxConnections) || maxConnections < 1) {
    throw new RangeError(
      `maxConnections must be a whole number above 0, got ${shown(maxConnections)}`,
    );
  }
  const { extensions = [] } = options;
  if (!Array.isArray(extensions)) {
    throw new TypeError(`extensions must be an array, got ${shown(extensions)}`);
  }
  const { lockWaitTimeout = "15s", maintenanceInterval = "30s" } = options;
  const maintenanceIntervalMs = toMilliseconds(maintenanceInterval, "maintenanceInterval");
  if (maintenanceIntervalMs < 1) {
    throw new RangeError(
      `maintenanceInterval must be at least 1 ms, got ${shown(maintenanceInterval)}`,
    );
  }
  return {
    directory: directory === undefined ? undefined : resolve(directory),
    durable: durability === "fsync",
    thread,
    lockWaitTimeoutMs: forTimer(toMilliseconds(lockWaitTimeout, "lockWaitTimeout")),
    maintenanceIntervalMs: forTimer(maintenanceIntervalMs),
    maxConnections,
    extensions: extensions.map(extensionUrl),
    onProgress: options.onProgress ?? (() => {}),
    logger: options.logger ?? silentLogger,
  };
}

/** The longest that a timer takes: given more, it fires at once. `Infinity` sets none. */
function forTimer(ms: number): number {
  return ms === Infinity ? ms : Math.min(ms, 2 ** 31 - 1);
}

/** @throws RangeError when PGlite does not bring an extension of that name. */
function extensionUrl(extension: string | URL): string {
  const text = String(extension);
  if (text.startsWith("file:")) return text;
  const contrib = new URL("./", import.meta.resolve("@electric-sql/pglite/contrib/pg_trgm"));
  const known = readdirSync(contrib).flatMap((file) => /^(\w+)\.js$/.exec(file)?.[1] ?? []);
  const name = text.replaceAll("-", "_");
  if (known.includes(name)) return new URL(`${name}.js`, contrib).href;
  throw new RangeError(
    `extensions must be file: URLs or of ${known.join(", ")}; got ${shown(extension)}`,
  );
}

function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
