import { backoffMs, retryAfterMsOf } from "@infra/promises";

import type { Entry } from "./entry.js";
import type { QueueCore } from "./queue-core.js";

/** What becomes of items: they succeed, are tried again, fail for good, or leave before that. */
export class Outcomes<Item, Result> {
  readonly #core: QueueCore<Item, Result>;

  constructor(core: QueueCore<Item, Result>) {
    this.#core = core;
  }

  succeeded(entry: Entry<Item, Result>, value: Result): void {
    if (entry.state !== "running") return;
    const core = this.#core;
    core.counts.succeeded += 1;
    if (core.events.wanted) {
      const { item, key, attempt } = entry;
      core.events.emit({ type: "succeeded", item, key, attempt });
    }
    this.#finish(entry);
    entry.succeed(value);
    core.settled();
  }

  /** An attempt failed: there is another, or none. */
  failed(entry: Entry<Item, Result>, error: unknown): void {
    if (this.retried([entry], error).length > 0) this.dead(entry, error);
  }

  /**
   * Has those tried again that may be, together, for the same failure.
   *
   * @returns the others, which still have to be told; whoever has left meanwhile is not among them.
   */
  retried(entries: readonly Entry<Item, Result>[], error: unknown): Entry<Item, Result>[] {
    const core = this.#core;
    const { attempts, retryBudget } = core.options;
    const left: Entry<Item, Result>[] = [];
    let delayMs: number | undefined;
    for (const entry of entries) {
      if (entry.state !== "running") continue;
      if (entry.isAbandoned) {
        this.withdraw(entry, "cancelled", error);
        continue;
      }
      const { attempt } = entry;
      const mayHelp = attempt < attempts && !core.isEnded && this.#mayHelp(error, attempt);
      if (mayHelp) delayMs ??= this.#delayAfter(error, attempt);
      if (mayHelp && delayMs! < Infinity && retryBudget?.withdraw() !== false) {
        this.#retryAfter(delayMs!, entry, error);
      } else {
        left.push(entry);
      }
    }
    return left;
  }

  /** An item has failed for good. */
  dead(entry: Entry<Item, Result>, error: unknown): void {
    const core = this.#core;
    const { item, key, priority, attempt, extras } = entry;
    const journalId = extras?.journalId;
    const failedAt = core.clock.now();
    core.counts.failed += 1;
    if (core.options.maxDeadLetters > 0) {
      core.journal?.dead({ id: journalId, error, attempts: attempt, failedAt });
      if (extras) extras.journalId = undefined;
      const letter = { item, key, priority, error, attempts: attempt, failedAt };
      core.deadLetters.add({ letter, journalId });
    }
    if (core.events.wanted) core.events.emit({ type: "failed", item, key, attempt, error });
    this.#finish(entry);
    entry.fail(error);
    core.settled();
  }

  /** Everybody who waited for an item has left. */
  abandon(entry: Entry<Item, Result>, reason: unknown): void {
    if (entry.state !== "running") return this.withdraw(entry, "cancelled", reason);
    const { more } = entry;
    more.isAbandoned = true;
    if (more.operation) more.operation.abandoned(reason);
    else entry.abort(reason);
  }

  /** An item leaves before its turn, or before its failure counts. */
  withdraw(
    entry: Entry<Item, Result>,
    type: "refused" | "dropped" | "cancelled",
    error: unknown,
  ): void {
    const core = this.#core;
    if (type === "cancelled") core.counts.cancelled += 1;
    if (core.events.wanted) core.events.emit({ type, item: entry.item, key: entry.key });
    this.#finish(entry);
    entry.fail(error);
    entry.extras?.acceptance?.reject(error);
    core.settled();
  }

  /** The time is over: what has an outcome no more, has none, and the journal keeps it. */
  giveUp(entry: Entry<Item, Result>, error: unknown): void {
    const wasRunning = entry.state === "running";
    if (entry.extras) entry.extras.journalId = undefined;
    this.#finish(entry);
    const operation = entry.extras?.operation;
    if (wasRunning && operation) operation.abandoned(error);
    else if (wasRunning) entry.abort(error);
    entry.fail(error);
    entry.extras?.acceptance?.reject(error);
  }

  #finish(entry: Entry<Item, Result>): void {
    const core = this.#core;
    core.remove(entry);
    entry.state = "done";
    if (entry.extras) core.journal?.done(entry.extras.journalId);
    core.admission.forget(entry);
  }

  #retryAfter(delayMs: number, entry: Entry<Item, Result>, error: unknown): void {
    const core = this.#core;
    const { item, key, attempt } = entry;
    core.counts.retried += 1;
    core.running.remove(entry);
    entry.state = "delayed";
    if (entry.extras) entry.extras.operation = undefined;
    core.delayed.push(entry);
    if (core.events.wanted) {
      core.events.emit({ type: "retrying", item, key, attempt, error, delayMs });
    }
    entry.more.stopTimer = core.clock.setTimeout(() => {
      entry.more.stopTimer = undefined;
      core.delayed.remove(entry);
      core.queue(entry);
    }, delayMs);
  }

  #mayHelp(error: unknown, attempt: number): boolean {
    const { retryIf } = this.#core.options;
    return this.#core.asks("retryIf", () => retryIf(error, attempt));
  }

  /** `Infinity` when the one who failed asks for more patience than there is. */
  #delayAfter(error: unknown, attempt: number): number {
    const { backoff, maxBackoffMs } = this.#core.options;
    const askedMs = retryAfterMsOf(error) ?? 0;
    if (askedMs > maxBackoffMs) return Infinity;
    return askedMs + backoffMs(attempt, backoff, this.#core.random);
  }
}
