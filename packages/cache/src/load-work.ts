import { toMilliseconds } from "@infra/interfaces";
import { linkSignals, withTimeout } from "@infra/promises";

import type { CacheCore, Prepared } from "./cache-core.js";
import { checkTags } from "./cache-key.js";
import { ValueTooLargeError } from "./errors.js";
import type { FailedLoads } from "./failed-loads.js";
import { hardTimeoutOf, tell, type LoadCall, type Shared } from "./load-call.js";
import type { LoadLock } from "./load-lock.js";
import type { Ticket } from "./recent-invalidations.js";
import { takeSnapshot } from "./snapshot.js";
import type { TagTokens, Times } from "./stored-entry.js";
import { timesOf } from "./value-times.js";

/** Calls the loader, and keeps what it gives, unless it was invalidated meanwhile. */
export class LoadWork {
  readonly #core: CacheCore;
  readonly #failed: FailedLoads;
  readonly #end: AbortSignal;

  /** @param end aborts what is being loaded. */
  constructor(core: CacheCore, failed: FailedLoads, end: AbortSignal) {
    this.#core = core;
    this.#failed = failed;
    this.#end = end;
  }

  /** @param lock the right to load, where there is one: without it nothing is kept. */
  async run(call: LoadCall, lock: LoadLock | undefined, signal: AbortSignal): Promise<Shared> {
    const core = this.#core;
    const { full, options } = call;
    const tags = options.tags?.length ? checkTags(options.tags) : undefined;
    const ticket = core.recent.begin();
    try {
      const tokens = core.shared && tags ? await this.#tokensOf(tags) : undefined;
      const value = await this.#load(call, signal);
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

  async #load(call: LoadCall, signal: AbortSignal): Promise<unknown> {
    const core = this.#core;
    const { scope, full, load } = call;
    const startedAt = core.clock.monotonic();
    scope.counters.misses++;
    tell(core, call, { type: "miss" });
    scope.counters.loads++;
    using link = linkSignals(signal, this.#end);
    let value: unknown;
    try {
      value = await withTimeout(async (context) => load({ signal: context.signal }), {
        ...hardTimeoutOf(core, call),
        signal: link.signal,
      });
    } catch (error) {
      scope.counters.failedLoads++;
      if (!signal.aborted) this.#failed.failed(full, core.clock.now());
      tell(core, call, { type: "load-failed", error });
      throw error;
    }
    this.#failed.succeeded(full);
    tell(core, call, { type: "load", elapsedMs: core.clock.monotonic() - startedAt });
    return value;
  }

  async #keep(
    prepared: Prepared,
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
        if (lock) lock.written = text;
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

  #times({ options }: LoadCall, value: unknown): Times {
    const given = options.negativeTtl;
    const negativeTtlMs =
      given === undefined ? this.#core.options.negativeTtlMs : toMilliseconds(given, "negativeTtl");
    const negative = value === undefined || value === null;
    return timesOf(this.#core, options, negative ? negativeTtlMs : undefined);
  }
}
