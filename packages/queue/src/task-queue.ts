import { BaseQueue } from "./base-queue.js";
import { ItemOperator, type OperationContext } from "./item-operator.js";
import { QueueCore } from "./queue-core.js";
import {
  resolveOptions,
  type AddOptions,
  type QueueDependencies,
  type QueueOptions,
} from "./queue-options.js";

/** A function that a queue carries out when its turn comes. */
export type Task<T = unknown> = (context: OperationContext) => T | PromiseLike<T>;

/**
 * Carries out functions, a few at a time: `await queue.add(({ signal }) => fetch(url, { signal }))`.
 *
 * @throws RangeError or TypeError from the constructor when an option can't be.
 */
export class TaskQueue extends BaseQueue<Task, unknown> {
  constructor(options: QueueOptions = {}, deps: QueueDependencies = {}) {
    const resolved = resolveOptions<Task>("TaskQueue", options, { concurrency: 10 });
    super(
      new QueueCore<Task, unknown>(
        resolved,
        deps,
        (core) => new ItemOperator(core, (task, context) => task(context)),
      ),
    );
  }

  /** Adds a function, and resolves or rejects as it does. @throws what `add` of every queue throws. */
  override add<T>(task: Task<T>, options?: AddOptions): Promise<T> {
    return super.add(task, options) as Promise<T>;
  }

  /** Adds functions, and resolves to their results in the same order; rejects with the first failure. */
  override addAll<T>(tasks: Iterable<Task<T>>, options?: AddOptions): Promise<T[]> {
    return super.addAll(tasks, options) as Promise<T[]>;
  }
}
