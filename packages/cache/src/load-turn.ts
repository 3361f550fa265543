import { sleep, withTimeout } from "@infra/promises";

import type { CacheCore } from "./cache-core.js";
import { LoaderTimeoutError } from "./errors.js";
import { hardTimeoutOf, type LoadCall, type Shared } from "./load-call.js";
import { LoadLock } from "./load-lock.js";
import type { LoadWork } from "./load-work.js";
import type { StoredEntry } from "./stored-entry.js";

/** Another process loads, and there is something stale to serve. */
export const locked = Symbol("locked");

/** Loads when it is this process's turn: processes that share a store take turns at a key, by a lock. */
export class LoadTurn {
  readonly #core: CacheCore;
  readonly #work: LoadWork;
  readonly #inBackground: (work: Promise<unknown>) => void;

  /** @param inBackground is handed what nobody waits for. */
  constructor(core: CacheCore, work: LoadWork, inBackground: (work: Promise<unknown>) => void) {
    this.#core = core;
    this.#work = work;
    this.#inBackground = inBackground;
  }

  /**
   * Loads, or takes what another process has loaded.
   *
   * @param knownSince the time of a value that could be served: then there is no waiting, and what is older is of no use.
   */
  async take(
    call: LoadCall,
    knownSince: number | undefined,
    signal: AbortSignal,
  ): Promise<Shared | typeof locked> {
    const { shared, options } = this.#core;
    const { full, scope } = call;
    if (!shared || !options.lock || shared.state === "open") {
      return this.#work.run(call, undefined, signal);
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
        this.#inBackground(this.#release(lock, full));
        return { value: stored.value, plan: "deep" };
      }
    } catch (error) {
      if (signal.aborted || options.storeFailure === "throw" || LoaderTimeoutError.is(error)) {
        if (lock) this.#inBackground(this.#release(lock, full));
        throw error;
      }
      // the store fails: everybody for himself
    }
    try {
      return await this.#work.run(call, lock, signal);
    } finally {
      if (lock) this.#inBackground(this.#release(lock, full));
    }
  }

  /** Between the last look at the lock and the writing the key may have been deleted or set: then that stands. */
  async #release(lock: LoadLock, key: string): Promise<void> {
    if ((await lock.release()) || lock.written === undefined) return;
    const core = this.#core;
    core.forget({ keys: [key] });
    await core.tolerate(core.shared!.removeText(key, lock.written), undefined);
    await core.publish({ keys: [key] });
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
      { ...hardTimeoutOf(this.#core, call), signal },
    );
  }
}
