/** Plain numbers since the cache was made, of one namespace or of all. */
export interface CacheCounts {
  /** Values served from memory, fresh. */
  readonly memoryHits: number;
  /** Values served from the store, fresh. */
  readonly storeHits: number;
  /** Values served although they were stale. */
  readonly staleHits: number;
  readonly misses: number;
  readonly sets: number;
  readonly deletes: number;
  /** Calls of loaders. */
  readonly loads: number;
  readonly failedLoads: number;
}

/** What `stats()` says. */
export interface CacheStats extends CacheCounts {
  readonly memory: {
    readonly entries: number;
    /** Roughly. */
    readonly bytes: number;
    /** What was dropped for want of room. */
    readonly evictions: number;
  };
  /** `undefined` when there is none. */
  readonly store:
    | {
        readonly state: "closed" | "open" | "half-open";
        readonly errors: number;
        /** Writes that the store has yet to be told of. */
        readonly missed: number;
      }
    | undefined;
  /** By the name of the namespace; the outermost is empty. Beyond 1,000 namespaces the rest is counted as `*`. */
  readonly namespaces: Readonly<Record<string, CacheCounts>>;
}

/** The same, to be counted up. */
export type Counters = { -readonly [K in keyof CacheCounts]: number };

const mostNamespaces = 1_000;

/** The counters of every namespace. */
export class NamespaceCounters {
  readonly #counters = new Map<string, Counters>();

  /** The counters of a namespace, by its name. */
  of(namespace: string): Counters {
    const name = this.#counters.size < mostNamespaces ? namespace : "*";
    let counters = this.#counters.get(namespace) ?? this.#counters.get(name);
    if (!counters) this.#counters.set(name, (counters = zero()));
    return counters;
  }

  total(): CacheCounts {
    const total = zero();
    for (const counters of this.#counters.values()) {
      for (const name of Object.keys(total) as (keyof Counters)[]) total[name] += counters[name];
    }
    return total;
  }

  all(): Readonly<Record<string, CacheCounts>> {
    return Object.fromEntries(
      Array.from(this.#counters, ([name, counters]) => [name, { ...counters }]),
    );
  }
}

function zero(): Counters {
  return {
    memoryHits: 0,
    storeHits: 0,
    staleHits: 0,
    misses: 0,
    sets: 0,
    deletes: 0,
    loads: 0,
    failedLoads: 0,
  };
}
