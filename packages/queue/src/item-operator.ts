import { withTimeout } from "@infra/promises";

import type { Entry } from "./entry.js";
import type { Operator, QueueCore } from "./queue-core.js";
import { timedOut } from "./timed-out.js";

/** What an operation is told. It fits as the last argument of whatever the operation itself waits for. */
export interface OperationContext {
  /** Aborts when the attempt takes too long, nobody waits for the outcome any more, or the queue must stop. */
  readonly signal: AbortSignal;
  /** Which attempt it is, from 1. */
  readonly attempt: number;
  readonly key: string | undefined;
}

/** Carries out the operation of an item. */
export type Handler<Item, Result> = (
  item: Item,
  context: OperationContext,
) => Result | PromiseLike<Result>;

/** Carries out one item at a time. */
export class ItemOperator<Item, Result> implements Operator<Item, Result, Entry<Item, Result>> {
  readonly isByKey = false;
  readonly bytesOf = undefined;
  readonly #core: QueueCore<Item, Result>;
  readonly #handle: Handler<Item, Result>;

  constructor(core: QueueCore<Item, Result>, handle: Handler<Item, Result>) {
    this.#core = core;
    const { timeoutMs, name } = core.options;
    this.#handle =
      timeoutMs === Infinity
        ? handle
        : (item, { signal: outer, attempt, key }) =>
            withTimeout(({ signal }) => handle(item, { signal, attempt, key }), {
              timeout: timeoutMs,
              signal: outer,
              clock: core.clock,
              error: timedOut(`an operation of the ${name}`),
            });
  }

  isReady(): boolean {
    return true;
  }

  arrived(): void {
    // one is enough to begin with
  }

  flush(): void {
    // nothing waits for more
  }

  hasNext(): boolean {
    return this.#core.backlog.next !== undefined;
  }

  take(): Entry<Item, Result> | undefined {
    const { backlog } = this.#core;
    const entry = backlog.shift();
    if (entry) this.#core.begin(entry);
    return entry;
  }

  async work(first: Entry<Item, Result>): Promise<void> {
    const { outcomes, dispatcher, backlog, counts } = this.#core;
    const handle = this.#handle;
    for (let entry: Entry<Item, Result> | undefined = first; entry;) {
      counts.operations += 1;
      let value: Result | undefined;
      let error: unknown;
      let hasFailed = false;
      try {
        const context = new ItemContext(entry);
        const result = entry.resource.runInAsyncScope(handle, undefined, entry.item, context);
        value = isPromiseLike(result) ? await result : result;
      } catch (thrown) {
        hasFailed = true;
        error = thrown;
      }
      backlog.ended(entry.lane!);
      if (hasFailed) outcomes.failed(entry, error);
      else outcomes.succeeded(entry, value as Result);
      entry = dispatcher.next() as Entry<Item, Result> | undefined;
    }
  }
}

/** Makes a signal only when it is looked at: it would cost more than all else. */
class ItemContext<Item, Result> implements OperationContext {
  readonly attempt: number;
  readonly #entry: Entry<Item, Result>;

  constructor(entry: Entry<Item, Result>) {
    this.#entry = entry;
    this.attempt = entry.attempt;
  }

  get signal(): AbortSignal {
    return this.#entry.signal;
  }

  get key(): string | undefined {
    return this.#entry.key;
  }
}

function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as PromiseLike<T> | undefined)?.then === "function";
}
