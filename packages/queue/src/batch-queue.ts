import type { ByteSize, Duration } from "@infra/interfaces";

import { BaseQueue } from "./base-queue.js";
import { BatchOperator, resolveBatchOptions, type BatchHandler } from "./batch-operator.js";
import { QueueCore } from "./queue-core.js";
import {
  requiredFunction,
  resolveOptions,
  type ItemQueueOptions,
  type QueueDependencies,
} from "./queue-options.js";

/** Options of {@link BatchQueue}. A batch goes out when it is full, or when its first item has waited long enough. */
export interface BatchQueueOptions<Item, Result = void> extends ItemQueueOptions<Item> {
  /**
   * Carries out a batch. One result or error for each item, in their order; nothing at all when all succeeded and have no
   * result.
   */
  readonly handle: BatchHandler<Item, Result>;
  /** Items per batch at the most. @default 100 */
  readonly maxItems?: number | undefined;
  /** Bytes per batch at the most, by `sizeOf`; an item that is larger goes alone. @default Infinity */
  readonly maxBytes?: ByteSize | undefined;
  /** The bytes of an item. @default 0 */
  readonly sizeOf?: ((item: Item) => number) | undefined;
  /**
   * How long the first item of a batch waits for others; 0 for the rest of this turn of the event loop, `Infinity` until the
   * batch is full or flushed. @default 0
   */
  readonly maxWait?: Duration | undefined;
  /** Whether only items of one key go together. @default false */
  readonly byKey?: boolean | undefined;
  /**
   * Whether a batch that failed as a whole, when its attempts are used up, is tried again in halves, and those in halves,
   * until only what fails by itself is left. @default not for an error that says of itself that it is `retryable`
   */
  readonly bisect?: boolean | ((error: unknown) => boolean) | undefined;
}

/**
 * Gathers items into batches, and carries out a batch at a time: `new BatchQueue({ handle: (rows) => insert(rows) })`. Each
 * item has its own outcome, whatever becomes of the others.
 *
 * @throws RangeError or TypeError from the constructor when an option can't be.
 */
export class BatchQueue<Item, Result = void> extends BaseQueue<Item, Result> {
  readonly #operator: BatchOperator<Item, Result>;

  constructor(options: BatchQueueOptions<Item, Result>, deps: QueueDependencies = {}) {
    const handle = requiredFunction(options.handle, "BatchQueue: handle");
    const resolved = resolveOptions("BatchQueue", options, { concurrency: 1 });
    const batchOptions = resolveBatchOptions(options);
    let operator!: BatchOperator<Item, Result>;
    super(
      new QueueCore(resolved, deps, (core) => {
        operator = new BatchOperator(core, handle, batchOptions);
        return operator;
      }),
    );
    this.#operator = operator;
  }

  /** Sends out what waits for more: all of it, or what has this key. Does not wait for it. */
  flush(key?: string): void {
    this.#operator.flush(key);
  }
}
