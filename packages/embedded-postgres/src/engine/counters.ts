/** What the engine has counted since it was opened. */
export interface EmbeddedPostgresStats {
  /** Connections that are open, those of other processes included. */
  readonly connections: number;
  /** Requests that wait for their turn. */
  readonly waiting: number;
  /** Requests that were run; one may hold several statements. */
  readonly requests: number;
  /** Time spent in PostgreSQL, all requests together. */
  readonly busyMs: number;
  /** The longest request. */
  readonly longestMs: number;
  /** How often the settings of one session had to make room for those of another. */
  readonly settingSwitches: number;
  /** Requests that gave up waiting behind another's transaction. */
  readonly lockTimeouts: number;
  /** How often a file was forced to the disk. */
  readonly syncs: number;
  readonly checkpoints: number;
  readonly vacuums: number;
  /** How often a table's statistics were renewed without a VACUUM. */
  readonly analyzes: number;
}

const names = [
  "connections",
  "waiting",
  "requests",
  "busyMs",
  "longestMs",
  "settingSwitches",
  "lockTimeouts",
  "syncs",
  "checkpoints",
  "vacuums",
  "analyzes",
] as const satisfies readonly (keyof EmbeddedPostgresStats)[];

/** The engine's counters, in memory that its thread and the caller's share. */
export class Counters {
  readonly memory: SharedArrayBuffer;
  readonly #values: Float64Array;

  constructor(memory = new SharedArrayBuffer(names.length * Float64Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#values = new Float64Array(memory);
  }

  add(name: keyof EmbeddedPostgresStats, amount = 1): void {
    const at = names.indexOf(name);
    this.#values[at]! += amount;
  }

  set(name: keyof EmbeddedPostgresStats, value: number): void {
    this.#values[names.indexOf(name)] = value;
  }

  /** A request has taken this long. */
  ran(elapsedMs: number): void {
    this.add("requests");
    this.add("busyMs", elapsedMs);
    const longest = names.indexOf("longestMs");
    this.#values[longest] = Math.max(this.#values[longest]!, elapsedMs);
  }

  read(): EmbeddedPostgresStats {
    const entries = names.map((name, at) => [name, this.#values[at]!]);
    return Object.fromEntries(entries) as EmbeddedPostgresStats;
  }
}
