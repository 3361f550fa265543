import type { Clock, Logger } from "@infra/interfaces";

import { BusLink } from "./bus-link.js";
import { CacheEvents } from "./cache-events.js";
import { keyWithin, namespaceOf } from "./cache-key.js";
import type { ResolvedOptions } from "./cache-options.js";
import { NamespaceCounters, type CacheStats, type Counters } from "./cache-stats.js";
import { CacheStoppedError, CacheStoreError, ValueTooLargeError } from "./errors.js";
import { MemoryTier } from "./memory-tier.js";
import type { OpenTiers } from "./open-tiers.js";
import { RecentInvalidations, type Invalidated, type Ticket } from "./recent-invalidations.js";
import { SharedStore } from "./shared-store.js";
import { planOf, type Snapshot } from "./snapshot.js";
import { toStoredText, type StoredEntry, type TagTokens, type Times } from "./stored-entry.js";

/** A namespace, and where what happens in it is counted. */
export interface Scope {
  readonly prefix: string;
  readonly namespace: string;
  readonly counters: Counters;
}

/** A value that is ready to be kept. */
export interface Prepared {
  /** With its namespace. */
  readonly key: string;
  readonly snapshot: Snapshot;
  readonly times: Times;
  readonly tags: readonly string[] | undefined;
}

/** What {@link CacheCore} needs. */
export interface CacheCoreParts {
  readonly options: ResolvedOptions;
  readonly tiers: OpenTiers;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}

/** The tiers, and what keeps them in step; all namespaces of a cache share one. */
export class CacheCore {
  readonly options: ResolvedOptions;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  readonly events = new CacheEvents();
  readonly memory: MemoryTier | undefined;
  readonly shared: SharedStore | undefined;
  readonly bus: BusLink | undefined;
  readonly recent = new RecentInvalidations();
  /** Opens what the cache stands on; set by the service that owns it. */
  open: () => Promise<void> = () => Promise.resolve();
  readonly #counters = new NamespaceCounters();
  /** Tagged values can only be kept in memory where somebody says when their tags are invalidated. */
  readonly #remembersTags: boolean;
  #evictions = 0;
  #opened = false;
  #stopped = false;

  constructor({ options, tiers, clock, logger, random }: CacheCoreParts) {
    this.options = options;
    this.clock = clock;
    this.logger = logger;
    this.random = random;
    const { store, bus } = tiers;
    const guarded = {
      timeoutMs: options.storeTimeoutMs,
      retryAfterMs: options.storeRetryAfterMs,
      clock,
      logger,
      onError: (error: unknown) => this.#failed(error),
    };
    this.#remembersTags = store === undefined || bus !== undefined;
    if (options.memory ?? this.#remembersTags) {
      this.memory = new MemoryTier({
        maxEntries: options.memoryMaxEntries,
        maxBytes: options.memoryMaxBytes,
        onEvict: (key) => this.#evicted(key),
      });
    }
    if (bus) {
      this.bus = new BusLink({
        ...guarded,
        bus,
        onInvalidation: (invalidated) => this.#heard(invalidated),
        onGap: () => this.#gap(),
      });
    }
    if (store) {
      this.shared = new SharedStore({
        ...guarded,
        store,
        maxValueBytes: options.maxValueBytes,
        bear: (error) => this.bear(error),
        onState: (state) => this.events.emit({ type: "store-state", state }),
        publish: this.bus && ((invalidated) => this.bus!.publish(invalidated)),
      });
    }
  }

  scope(prefix: string): Scope {
    const namespace = namespaceOf(prefix);
    return { prefix, namespace, counters: this.#counters.of(namespace) };
  }

  /**
   * Resolves once it has been opened, by the first who asks.
   *
   * @throws CacheStoppedError (`ERR_CACHE_STOPPED`); CacheStoreError when it can't be opened and that is no miss.
   */
  ready(signal?: AbortSignal): Promise<void> | undefined {
    return this.#opened && !this.#stopped && !signal ? undefined : this.#ready(signal);
  }

  async #ready(signal?: AbortSignal): Promise<void> {
    if (this.#stopped) throw new CacheStoppedError("the cache has been stopped");
    signal?.throwIfAborted();
    if (this.#opened) return;
    await this.open();
    this.#opened = true;
  }

  /** Nothing is remembered any more, and nothing can be asked. */
  end(): void {
    this.#stopped = true;
    this.memory?.clear("");
  }

  /** What the store answers, or what stands for it when it fails and that counts as a miss. */
  async tolerate<T>(answer: Promise<T>, otherwise: T): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      this.bear(error);
      return otherwise;
    }
  }

  /** @throws the error, unless it is one of the store and that counts as a miss. */
  bear(error: unknown): void {
    if (this.options.storeFailure === "throw" || !CacheStoreError.is(error)) throw error;
  }

  /** What the store has of a key, fresh or stale; memory takes it over. */
  readShared(key: string, signal?: AbortSignal): Promise<StoredEntry | undefined> {
    return this.memory ? this.#readAndRemember(key, signal) : this.shared!.read(key, signal);
  }

  /** Keeps what the store gave in memory, unless it has been invalidated since the ticket. */
  remember(key: string, entry: StoredEntry, ticket: Ticket): void {
    const tags = entry.tags?.map(([tag]) => tag);
    if (!this.memory || !this.recent.allows(ticket, key, tags)) return;
    if (tags && !this.#remembersTags) return;
    const { value, createdAt, staleUntil, size } = entry;
    const freshUntil = this.#freshInMemory(entry.freshUntil);
    const times = { createdAt, freshUntil, staleUntil };
    this.memory.set(key, { value, plan: planOf(value), bytes: 2 * size, tags, ...times });
  }

  /** The texts of values for the store. @throws ValueTooLargeError */
  async textOf({ snapshot, times }: Prepared, tags: TagTokens | undefined): Promise<string> {
    this.checkSize(snapshot.bytes);
    const text = await toStoredText(snapshot, times, tags, this.options.compressAbove);
    this.checkSize(text.length);
    return text;
  }

  /** @throws ValueTooLargeError (`ERR_CACHE_VALUE_TOO_LARGE`) */
  checkSize(bytes: number): void {
    const { maxValueBytes } = this.options;
    if (bytes <= maxValueBytes) return;
    throw new ValueTooLargeError(
      `a value may take ${maxValueBytes} bytes (maxValueBytes), this one takes ${bytes}`,
      { details: { bytes, maxValueBytes } },
    );
  }

  /** Keeps a value in memory, unless it has been invalidated since the ticket. */
  keep({ key, snapshot, times, tags }: Prepared, ticket: Ticket): void {
    if (!this.memory || !this.recent.allows(ticket, key, tags)) return;
    if (tags && !this.#remembersTags) return;
    const { value, plan, bytes } = snapshot;
    const freshUntil = this.#freshInMemory(times.freshUntil);
    this.memory.set(key, {
      value,
      plan,
      bytes,
      tags,
      createdAt: times.createdAt,
      freshUntil,
      staleUntil: times.staleUntil,
    });
  }

  /** Tells other processes; what they can't be told now, they are told later. */
  async publish(invalidated: Invalidated, signal?: AbortSignal): Promise<void> {
    if (!this.bus) return;
    try {
      await this.bus.publish(invalidated, signal);
    } catch {
      this.shared?.missedBy(invalidated);
    }
  }

  /** Makes this process forget, and keeps what is being read from being kept. */
  forget(invalidated: Invalidated): void {
    this.recent.note(invalidated);
    if (!this.memory) return;
    for (const key of invalidated.keys ?? []) this.memory.delete(key);
    for (const prefix of invalidated.prefixes ?? []) this.memory.clear(prefix);
    for (const tag of invalidated.tags ?? []) this.memory.deleteTag(tag);
  }

  stats(): CacheStats {
    return {
      ...this.#counters.total(),
      memory: {
        entries: this.memory?.size ?? 0,
        bytes: this.memory?.bytes ?? 0,
        evictions: this.#evictions,
      },
      store: this.shared && {
        state: this.shared.state,
        errors: this.shared.errors,
        missed: this.shared.missed,
      },
      namespaces: this.#counters.all(),
    };
  }

  async #readAndRemember(key: string, signal?: AbortSignal): Promise<StoredEntry | undefined> {
    const ticket = this.recent.begin();
    try {
      const entry = await this.shared!.read(key, signal);
      if (entry) this.remember(key, entry, ticket);
      return entry;
    } finally {
      this.recent.end();
    }
  }

  #freshInMemory(freshUntil: number): number {
    const { memoryTtlMs } = this.options;
    return memoryTtlMs === Infinity
      ? freshUntil
      : Math.min(freshUntil, this.clock.now() + memoryTtlMs);
  }

  #failed(error: unknown): void {
    if (this.events.wanted) this.events.emit({ type: "store-error", error });
  }

  #evicted(full: string): void {
    this.#evictions++;
    if (!this.events.wanted) return;
    const [prefix] = /^(?:@[^@:]+:)*/.exec(full)!;
    const key = keyWithin(prefix, full) ?? full;
    this.events.emit({ type: "evict", namespace: namespaceOf(prefix), key });
  }

  #heard(invalidated: Invalidated): void {
    this.forget(invalidated);
    if (this.events.wanted) this.events.emit({ type: "remote-invalidation", ...invalidated });
  }

  #gap(): void {
    this.forget({ prefixes: [""] });
    if (this.events.wanted) this.events.emit({ type: "bus-gap" });
  }
}
