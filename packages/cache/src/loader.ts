import { setMaxListeners } from "node:events";

import { toMilliseconds } from "@infra/interfaces";
import { abortable, SingleFlight } from "@infra/promises";

import type { CacheCore } from "./cache-core.js";
import { checkText } from "./cache-key.js";
import { refreshAheadOf } from "./cache-options.js";
import { FailedLoads } from "./failed-loads.js";
import { tell, type LoadCall, type Shared, type StaleReason } from "./load-call.js";
import { LoadTurn, locked } from "./load-turn.js";
import { LoadWork } from "./load-work.js";
import { copyDeep, copyOf } from "./snapshot.js";
import type { StoredEntry } from "./stored-entry.js";

/** One that may be served when nothing better can be had. */
interface Stale extends Shared {
  readonly createdAt: number;
}

const softTimeout = Symbol("soft time-out");

/** Loads what is missing: once for all who wait, in this process and, by a lock, in all that share the store. */
export class Loader {
  readonly #core: CacheCore;
  readonly #reads = new SingleFlight<string, StoredEntry | undefined>();
  readonly #loads = new SingleFlight<string, Shared | typeof locked>();
  readonly #failed: FailedLoads;
  readonly #turn: LoadTurn;
  readonly #background = new Set<Promise<unknown>>();
  readonly #end = new AbortController();

  constructor(core: CacheCore) {
    this.#core = core;
    this.#failed = new FailedLoads(core.options.graceBackoffMs);
    // every load listens to it
    setMaxListeners(0, this.#end.signal);
    const work = new LoadWork(core, this.#failed, this.#end.signal);
    this.#turn = new LoadTurn(core, work, (each) => this.#inBackground(each));
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
        tell(core, call, { type: "hit", tier: "store" });
        this.refreshAhead(call, stored);
        return copyDeep(stored.value);
      }
    }
    // somebody may have loaded it meanwhile
    const remembered = core.memory?.get(full);
    if (remembered && remembered.freshUntil > core.clock.now()) {
      scope.counters.memoryHits++;
      tell(core, call, { type: "hit", tier: "memory" });
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
        const loading = this.#turn.take(call, knownSince, context.signal);
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
    tell(this.#core, call, { type: "stale", reason });
    return copyOf(stale.value, stale.plan);
  }

  #inBackground(work: Promise<unknown>): void {
    // what fails there has been told, by an event or to those who wait
    const settled: Promise<unknown> = work
      .catch(() => {})
      .finally(() => this.#background.delete(settled));
    this.#background.add(settled);
  }
}
