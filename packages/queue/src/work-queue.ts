import { BaseQueue } from "./base-queue.js";
import { type Handler, ItemOperator } from "./item-operator.js";
import { QueueCore } from "./queue-core.js";
import {
  requiredFunction,
  resolveOptions,
  type ItemQueueOptions,
  type QueueDependencies,
} from "./queue-options.js";

/** Options of {@link WorkQueue}. */
export interface WorkQueueOptions<Item, Result = void> extends ItemQueueOptions<Item> {
  /** Carries out the operation of an item, in the `AsyncLocalStorage` context of who added it. */
  readonly handle: Handler<Item, Result>;
}

/**
 * Carries out an operation for each item, a few at a time: `new WorkQueue({ handle: (mail) => send(mail) })`.
 *
 * @throws RangeError or TypeError from the constructor when an option can't be.
 */
export class WorkQueue<Item, Result = void> extends BaseQueue<Item, Result> {
  constructor(options: WorkQueueOptions<Item, Result>, deps: QueueDependencies = {}) {
    const handle = requiredFunction(options.handle, "WorkQueue: handle");
    const resolved = resolveOptions("WorkQueue", options, { concurrency: 10 });
    super(new QueueCore(resolved, deps, (core) => new ItemOperator(core, handle)));
  }
}
