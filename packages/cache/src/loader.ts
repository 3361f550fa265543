import { toMilliseconds } from "@infra/interfaces";
import { abortable, linkSignals, SingleFlight, sleep, withTimeout } from "@infra/promises";

import type { CacheCore, Scope } from "./cache-core.js";
import { checkTags, checkText, keyWithin } from "./cache-key.js";
import { refreshAheadOf, type GetOrSetOptions } from "./cache-options.js";
import { LoaderTimeoutError, ValueTooLargeError } from "./errors.js";
import { FailedLoads } from "./failed-loads.js";
import { LoadLock } from "./load-lock.js";
import type { Ticket } from "./recent-invalidations.js";
import { copyDeep, copyOf, takeSnapshot, type CopyPlan } from "./snapshot.js";
import type { StoredEntry, TagTokens } from "./stored-entry.js";
import { timesOf } from "./value-times.js";

/** What makes the value of a key. */
export type Load<T> = (context: { readonly signal: AbortSignal }) => T | Promise<T>;

/** A call of `getOrSet`. */
export interface LoadCall {
  readonly scope: Scope;
  /** With its namespace. */
  readonly full: string;
  readonly load: Load<unknown>;
  readonly options: GetOrSetOptions;
}

/** A value that may be handed out as copies. */
interface Shared {
  readonly value: unknown;
  readonly plan: CopyPlan;
}

/** One that may be served when nothing better can be had. */
interface Stale extends Shared {
  readonly createdAt: number;
}

type StaleReason = "load-failed" | "soft-timeout" | "locked" | "backing-off";

/** Another process loads, and there is something stale to serve. */
const locked = Symbol("locked");
const softTimeout = Symbol("soft time-out");

/** Loads what is missing: once for all who wait, in this process and, by a lock, in all that share the store. */
export class Loader {
  readonly #core: CacheCore;
  readonly #reads = new SingleFlight<string, StoredEntry | undefined>();
  readonly #loads = new SingleFlight<string, Shared | typeof locked>();
  readonly #failed: FailedLoads;
  readonly #background = new Set<Promise<unknown>>();
  readonly #end = new AbortController();

  constructor(core: CacheCore) {
    this.#core = core;
    this.#failed = new FailedLoads(core.options.graceBackoffMs);
  }

  /** The value of a key that memory does not have fresh. */
  async get(call: LoadCall): Promise<unknown> {
    const core = this.#core;
    const { full, scope } = call;
    const { signal } = call.options;
    signal?.throwIfAborted();
    let stored: StoredEntry | undefined;
    if (core.shared) {
      checkText(full, "key");
      stored = await this.#reads.run(full, () => core.readShared(full), { signal });
      if (stored && stored.freshUntil > core.clock.now()) {
        scope.counters.storeHits++;
        this.#emit(call, { type: "hit", tier: "store" });
        this.refreshAhead(call, stored);
        return copyDeep(stored.value);
      }
    }
    // somebody may have loaded it meanwhile
    const remembered = core.memory?.get(full);
    if (remembered && remembered.freshUntil > core.clock.now()) {
      scope.counters.memoryHits++;
      this.#emit(call, { type: "hit", tier: "memory" });
      return copyOf(remembered.value, remembered.plan);
    }
    if (stored) return this.#load(call, { ...stored, plan: "deep" });
    const graced = remembered && remembered.staleUntil > core.clock.now();
    return this.#load(call, graced ? remembered : undefined);
  }

  /** Begins to load a value that is fresh still, if so much of its time is over. */
  refreshAhead(
    call: LoadCall,
    times: { readonly createdAt: number; readonly freshUntil: number },
  ): void {
    const after = refreshAheadOf(call.options.refreshAhead) ?? this.#core.options.refreshAhead;
    if (after === undefined || times.freshUntil === Infinity) return;
    const now = this.#core.clock.now();
    if (now < times.createdAt + (times.freshUntil - times.createdAt) * after) return;
    const { full } = call;
    if (this.#loads.has(full) || this.#failed.rests(full, now)) return;
    // what fails is told by an event
    this.#share(call, times.createdAt).catch(() => {});
  }

  /** Resolves when nothing is being loaded any more; when the signal aborts, what is being loaded is aborted, too. */
  async drain(signal?: AbortSignal): Promise<void> {
    try {
      while (this.#background.size > 0) {
        await abortable(Promise.all(this.#background), { signal });
      }
    } catch (error) {
      this.#end.abort(error);
    }
  }

  /** The value, from the one call of the loader that all who want it share. */
  #share(
    call: LoadCall,
    knownSince: number | undefined,
    signal?: AbortSignal,
  ): Promise<Shared | typeof locked> {
    return this.#loads.run(
      call.full,
      (context) => {
        const loading = this.#once(call, knownSince, context.signal);
        this.#inBackground(loading);
        return loading;
      },
      { signal },
    );
  }

  async #load(call: LoadCall, stale: Stale | undefined): Promise<unknown> {
    const { full, options } = call;
    if (stale && this.#failed.rests(full, this.#core.clock.now())) {
      return this.#serveStale(call, stale, "backing-off");
    }
    for (;;) {
      const loading = this.#share(call, stale?.createdAt, options.signal);
      let result: Shared | typeof locked | typeof softTimeout;
      try {
        result = stale ? await this.#softly(call, loading) : await loading;
      } catch (error) {
        if (!stale || options.signal?.aborted) throw error;
        return this.#serveStale(call, stale, "load-failed");
      }
      if (typeof result === "object") return copyOf(result.value, result.plan);
      if (stale) {
        return this.#serveStale(call, stale, result === locked ? "locked" : "soft-timeout");
      }
      // joined somebody who had something stale to serve: wait for the lock
    }
  }

  /** Waits until the soft time-out; the loading goes on. */
  async #softly<T>(call: LoadCall, loading: Promise<T>): Promise<T | typeof softTimeout> {
    const { clock, options } = this.#core;
    const given = call.options.softTimeout;
    const timeoutMs =
      given === undefined ? options.softTimeoutMs : toMilliseconds(given, "softTimeout");
    if (timeoutMs === Infinity) return loading;
    let cancel!: () => void;
    const over = new Promise<typeof softTimeout>((resolve) => {
      cancel = clock.setTimeout(() => resolve(softTimeout), timeoutMs);
    });
    try {
      return await Promise.race([loading, over]);
    } finally {
      cancel();
    }
  }

  #serveStale(call: LoadCall, stale: Shared, reason: StaleReason): unknown {
    call.scope.counters.staleHits++;
    this.#emit(call, { type: "stale", reason });
    return copyOf(stale.value, stale.plan);
  }

  /** Loads what is newer than `knownSince`, the time of a value that could be served, when it is this process's turn. */
  async #once(
    call: LoadCall,
    knownSince: number | undefined,
    signal: AbortSignal,
  ): Promise<Shared | typeof locked> {
    const { shared, options } = this.#core;
    const { full, scope } = call;
    if (!shared || !options.lock || shared.state === "open") {
      return this.#loadAndKeep(call, undefined, signal);
    }
    let lock: LoadLock | undefined;
    try {
      lock = await LoadLock.take(shared, full, this.#core.clock);
      if (!lock && knownSince !== undefined) return locked;
      if (!lock) {
        const waited = await this.#waitForOther(call, signal);
        if (!(waited instanceof LoadLock)) {
          scope.counters.storeHits++;
          return { value: waited.value, plan: "deep" };
        }
        lock = waited;
      }
      // somebody may have been quicker
      const stored = await this.#core.readShared(full);
      const newer = stored && stored.createdAt > (knownSince ?? -Infinity);
      if (newer && stored.freshUntil > this.#core.clock.now()) {
        this.#inBackground(lock.release());
        return { value: stored.value, plan: "deep" };
      }
    } catch (error) {
      if (signal.aborted || options.storeFailure === "throw" || LoaderTimeoutError.is(error)) {
        if (lock) this.#inBackground(lock.release());
        throw error;
      }
      // the store fails: everybody for himself
    }
    try {
      return await this.#loadAndKeep(call, lock, signal);
    } finally {
      if (lock) this.#inBackground(lock.release());
    }
  }

  /** Waits until another process has loaded, or has given up its lock. */
  async #waitForOther(call: LoadCall, signal: AbortSignal): Promise<StoredEntry | LoadLock> {
    const { shared, clock, random } = this.#core;
    const { full } = call;
    return withTimeout(
      async ({ signal: limit }) => {
        for (let delayMs = 10; ; delayMs = Math.min(delayMs * 1.5, 100)) {
          await sleep(delayMs * (0.5 + random() / 2), { signal: limit, clock });
          const stored = await this.#core.readShared(full);
          if (stored && stored.freshUntil > clock.now()) return stored;
          if ((await shared!.ownerOf(full)) !== undefined) continue;
          const lock = await LoadLock.take(shared!, full, clock);
          if (lock) return lock;
        }
      },
      { ...this.#hardTimeout(call), signal },
    );
  }

  async #loadAndKeep(
    call: LoadCall,
    lock: LoadLock | undefined,
    signal: AbortSignal,
  ): Promise<Shared> {
    const core = this.#core;
    const { scope, full, load, options } = call;
    const tags = options.tags?.length ? checkTags(options.tags) : undefined;
    const ticket = core.recent.begin();
    try {
      const tokens = core.shared && tags ? await this.#tokensOf(tags) : undefined;
      const startedAt = core.clock.monotonic();
      scope.counters.misses++;
      this.#emit(call, { type: "miss" });
      scope.counters.loads++;
      let value: unknown;
      const link = linkSignals(signal, this.#end.signal);
      try {
        value = await withTimeout(async (context) => load({ signal: context.signal }), {
          ...this.#hardTimeout(call),
          signal: link.signal,
        });
      } catch (error) {
        scope.counters.failedLoads++;
        if (!signal.aborted) this.#failed.failed(full, core.clock.now());
        this.#emit(call, { type: "load-failed", error });
        throw error;
      } finally {
        link[Symbol.dispose]();
      }
      this.#failed.succeeded(full);
      this.#emit(call, { type: "load", elapsedMs: core.clock.monotonic() - startedAt });
      const snapshot = takeSnapshot(value);
      const prepared = { key: full, snapshot, tags, times: this.#times(call, value) };
      // without its tags' tokens nobody could tell when it is invalidated
      const keepable = !tags || !core.shared || tokens !== undefined;
      if (keepable && prepared.times.freshUntil > core.clock.now()) {
        await this.#keep(prepared, tokens, ticket, lock);
      }
      return snapshot;
    } finally {
      core.recent.end();
    }
  }

  async #keep(
    prepared: Parameters<CacheCore["keep"]>[0],
    tokens: TagTokens | undefined,
    ticket: Ticket,
    lock: LoadLock | undefined,
  ): Promise<void> {
    const core = this.#core;
    const { key, times, tags } = prepared;
    try {
      if (core.shared) {
        const text = await core.textOf(prepared, tokens);
        const mayWrite = async (): Promise<boolean> =>
          core.recent.allows(ticket, key, tags) && (!lock || (await lock.held()));
        if (!(await mayWrite())) return;
        await core.shared.write([[key, text]], times.staleUntil - core.clock.now(), {
          unlock: false,
        });
      } else core.checkSize(prepared.snapshot.bytes);
    } catch (error) {
      if (ValueTooLargeError.is(error)) {
        core.logger.warn(`a loaded value is too large to be kept: ${error.message}`);
        return;
      }
      core.bear(error);
    }
    core.keep(prepared, ticket);
    core.recent.note({ keys: [key] });
  }

  /** @returns undefined when the store fails. */
  async #tokensOf(tags: readonly string[]): Promise<TagTokens | undefined> {
    return this.#core.tolerate(this.#core.shared!.tokensOf(tags), undefined);
  }

  #times({ options }: LoadCall, value: unknown): ReturnType<typeof timesOf> {
    const given = options.negativeTtl;
    const negativeTtlMs =
      given === undefined ? this.#core.options.negativeTtlMs : toMilliseconds(given, "negativeTtl");
    const negative = value === undefined || value === null;
    return timesOf(this.#core, options, negative ? negativeTtlMs : undefined);
  }

  #hardTimeout(call: LoadCall): Pick<Parameters<typeof withTimeout>[1], "timeout" | "clock"> & {
    error: (timeoutMs: number) => unknown;
  } {
    const { full, scope, options } = call;
    const key = keyWithin(scope.prefix, full) ?? full;
    return {
      timeout: options.hardTimeout ?? this.#core.options.hardTimeoutMs,
      clock: this.#core.clock,
      error: (timeoutMs) =>
        new LoaderTimeoutError(`loading ${JSON.stringify(key)} took longer than ${timeoutMs} ms`, {
          details: { key, timeoutMs },
        }),
    };
  }

  #inBackground(work: Promise<unknown>): void {
    // what fails there has been told, by an event or to those who wait
    const settled: Promise<unknown> = work
      .catch(() => {})
      .finally(() => this.#background.delete(settled));
    this.#background.add(settled);
  }

  #emit({ scope, full }: LoadCall, event: LoaderEvent): void {
    const { events } = this.#core;
    if (!events.wanted) return;
    const key = keyWithin(scope.prefix, full) ?? full;
    events.emit({ namespace: scope.namespace, key, ...event });
  }
}

type LoaderEvent =
  | { readonly type: "hit"; readonly tier: "memory" | "store" }
  | { readonly type: "miss" }
  | { readonly type: "stale"; readonly reason: StaleReason }
  | { readonly type: "load"; readonly elapsedMs: number }
  | { readonly type: "load-failed"; readonly error: unknown };
