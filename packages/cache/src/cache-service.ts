import { PeerMissingError } from "@infra/errors";
import {
  optional,
  section,
  silentLogger,
  systemClock,
  tokens,
  type Cache,
  type CacheCallOptions,
  type Clock,
  type Database,
  type HealthReport,
  type Inject,
  type InvalidationBus,
  type Logger,
  type Managed,
  type StartContext,
  type StopContext,
  type Token,
} from "@infra/interfaces";
import { abortable, withTimeout } from "@infra/promises";

import { CacheCore } from "./cache-core.js";
import type { CacheEvent } from "./cache-events.js";
import { CacheNamespace } from "./cache-namespace.js";
import { resolveOptions, type CacheOptions } from "./cache-options.js";
import type { CacheStats } from "./cache-stats.js";
import { cacheConfig } from "./config.js";
import { CacheStoreError } from "./errors.js";
import { Loader } from "./loader.js";
import { openTiers, type OpenTiers } from "./open-tiers.js";

/** Collaborators of {@link CacheService}. */
export interface CacheDependencies {
  /** Tells processes what to forget. @default over Redis where the URL is one of Redis */
  readonly bus?: InvalidationBus | undefined;
  /** What the URL `database:` stands for. */
  readonly database?: Database | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
  /** A number from 0 to 1, for the jitter. */
  readonly random?: (() => number) | undefined;
}

/**
 * A cache in memory, and by its URL one that processes share. Opens with `start()` or on first use.
 *
 * @throws RangeError from the constructor when an option can't be.
 */
export class CacheService extends CacheNamespace implements Cache, Managed {
  static readonly provides: Token<Cache> = tokens.cache;
  static readonly inject: Inject<typeof CacheService> = {
    options: section(cacheConfig),
    bus: optional(tokens.invalidationBus),
    database: optional(tokens.database),
    logger: optional(tokens.logger),
    clock: optional(tokens.clock),
  };

  readonly #core: CacheCore;
  readonly #loader: Loader;
  readonly #tiers: OpenTiers;
  #opening: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: CacheOptions = {}, deps: CacheDependencies = {}) {
    const resolved = resolveOptions(options);
    const { clock = systemClock, random = Math.random } = deps;
    const logger = (deps.logger ?? silentLogger).child({ category: "cache" });
    const tiers = openTiers(resolved, { ...deps, logger, clock });
    const core = new CacheCore({
      options: resolved,
      tiers,
      clock,
      logger,
      random,
    });
    const loader = new Loader(core);
    super(core, loader, "");
    this.#core = core;
    this.#loader = loader;
    this.#tiers = tiers;
    core.open = () => this.#open();
  }

  /**
   * Connects to the store and the bus, for `connectTimeout` at the most.
   *
   * @throws CacheStoreError (`ERR_CACHE_STORE`) when the store does not answer and `storeFailure` is `"throw"`; otherwise
   * the cache starts without it. PeerMissingError (`ERR_PEER_MISSING`) when the URL needs a package that is not installed.
   */
  async start(context: StartContext = {}): Promise<void> {
    await this.#core.ready(context.signal);
  }

  /** Waits for what is being loaded until the signal aborts, then closes what was opened. */
  stop(context: StopContext = {}): Promise<void> {
    return (this.#stopping ??= (async () => {
      this.#core.end();
      await this.#loader.drain(context.signal);
      await abortable(Promise.resolve(this.#core.shared?.close()), context).catch(() => {});
      try {
        await this.#core.bus?.close();
      } finally {
        await this.#tiers.close();
      }
    })());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async health(): Promise<HealthReport> {
    const { shared, options } = this.#core;
    const { memory } = this.stats();
    const details = { entries: memory.entries, ...(shared && { store: shared.state }) };
    if (this.#stopping) return { status: "down", message: "the cache has been stopped" };
    try {
      await shared?.ping();
      return { status: "up", details };
    } catch (error) {
      return {
        status: options.storeFailure === "throw" ? "down" : "degraded",
        message: (error as Error).message,
        details: { ...details, store: shared!.state },
      };
    }
  }

  stats(): CacheStats {
    return this.#core.stats();
  }

  /** Calls back at everything that happens; what it returns ends that. A callback that throws changes nothing. */
  subscribe(listener: (event: CacheEvent) => void): () => void {
    return this.#core.events.subscribe(listener);
  }

  /** Makes room where what has expired is kept until it is looked for; how many there were. */
  async prune(options: CacheCallOptions = {}): Promise<number> {
    const core = this.#core;
    await core.ready(options.signal);
    const dropped = core.memory?.prune(core.clock.now()) ?? 0;
    const pruned = core.shared ? await core.tolerate(core.shared.prune(options.signal), 0) : 0;
    return dropped + pruned;
  }

  #open(): Promise<void> {
    return (this.#opening ??= this.#openTiers());
  }

  async #openTiers(): Promise<void> {
    const { options, clock, logger, bus } = this.#core;
    const { store } = this.#tiers;
    try {
      if (store?.open) {
        await withTimeout(({ signal }) => store.open!({ signal }), {
          timeout: options.connectTimeoutMs,
          name: "connecting to the cache store",
          clock,
        });
      }
    } catch (cause) {
      if (PeerMissingError.is(cause)) {
        this.#opening = undefined;
        throw cause;
      }
      const error = CacheStoreError.is(cause)
        ? cause
        : new CacheStoreError(`the cache store can't be opened: ${(cause as Error).message}`, {
            cause,
            details: { operation: "open" },
          });
      if (options.storeFailure === "throw") {
        this.#opening = undefined;
        throw error;
      }
      logger.warn("the cache begins without its store", { error });
    }
    // it goes on trying by itself
    await withTimeout(async () => bus?.open(), { timeout: options.connectTimeoutMs, clock }).catch(
      (error: unknown) => logger.warn("the cache begins without its bus", { error }),
    );
  }
}
