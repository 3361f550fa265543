import type { Entry, SharedOperation } from "./entry.js";
import type { Lane } from "./lane.js";

/** What the handler of a batch is told. */
export interface BatchContext {
  /** Aborts when the attempt takes too long, nobody waits for any of the outcomes any more, or the queue must stop. */
  readonly signal: AbortSignal;
  /** The key of all the items, when they are batched by key. */
  readonly key: string | undefined;
  /** Runs a function in the `AsyncLocalStorage` context of who added the item at this place in the batch. */
  readonly runAs: <R>(index: number, fn: () => R) => R;
}

/** Items that are carried out together. */
export class Batch<Item, Result> implements BatchContext, SharedOperation {
  readonly entries: readonly Entry<Item, Result>[];
  readonly lane: Lane<Item, Result>;
  readonly key: string | undefined;
  #controller: AbortController | undefined;
  /** Items that somebody waits for. */
  #wanted: number;

  constructor(entries: readonly Entry<Item, Result>[], lane: Lane<Item, Result>) {
    this.entries = entries;
    this.lane = lane;
    this.key = lane.key;
    this.#wanted = entries.length;
    for (const entry of entries) entry.more.operation = this;
  }

  get signal(): AbortSignal {
    return (this.#controller ??= new AbortController()).signal;
  }

  // by itself, for who takes the context apart
  readonly runAs = <R>(index: number, fn: () => R): R => {
    const entry = this.entries[index];
    if (entry) return entry.resource.runInAsyncScope(fn);
    throw new RangeError(
      `runAs: index must be that of one of ${this.entries.length} items, got ${String(index)}`,
    );
  };

  abandoned(reason: unknown): void {
    this.#wanted -= 1;
    if (this.#wanted === 0) (this.#controller ??= new AbortController()).abort(reason);
  }

  /** Two halves of what is left of it. */
  halves(left: readonly Entry<Item, Result>[]): Batch<Item, Result>[] {
    const half = Math.ceil(left.length / 2);
    return [left.slice(0, half), left.slice(half)].map((part) => new Batch(part, this.lane));
  }
}
