import { WriteQueueFullError } from "./errors.js";

/** The work that is under way or waiting, by path. */
export type Queues = Map<string, { last: Promise<unknown>; length: number }>;

/** Lets the work on one path take turns, in the order of the calls. Paths don't wait for each other. */
export class PathQueue {
  readonly #maxWaiting: number;
  readonly #queues: Queues;

  /**
   * @param queues - shared by those that stand for the same disk.
   * @throws RangeError when `maxQueuedWrites` is no whole number from 0.
   */
  constructor(maxQueuedWrites: number, queues: Queues = new Map()) {
    if (!Number.isInteger(maxQueuedWrites) || maxQueuedWrites < 0) {
      throw new RangeError(
        `maxQueuedWrites must be a whole number from 0; got ${String(maxQueuedWrites)}`,
      );
    }
    this.#maxWaiting = maxQueuedWrites;
    this.#queues = queues;
  }

  /**
   * @throws WriteQueueFullError when too many wait for the path already; the signal's reason when it aborts before it is
   * this work's turn. Once begun, the work itself has to heed the signal.
   */
  run<T>(path: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const queue = this.#queues.get(path) ?? { last: Promise.resolve(), length: 0 };
    if (queue.length > this.#maxWaiting) {
      return Promise.reject(
        new WriteQueueFullError(
          `write ${path}: ${this.#maxWaiting} writes wait for it already (maxQueuedWrites)`,
          { details: { path }, publicMessage: "Too many writes to one file are waiting." },
        ),
      );
    }
    this.#queues.set(path, queue);
    queue.length += 1;
    const before = queue.last;
    return new Promise<T>((resolve, reject) => {
      const giveUp = () => reject(signal?.reason);
      signal?.addEventListener("abort", giveUp, { once: true });
      const turn = async () => {
        await before;
        signal?.removeEventListener("abort", giveUp);
        try {
          signal?.throwIfAborted();
          resolve(await work());
        } catch (error) {
          reject(error);
        }
        queue.length -= 1;
        if (queue.length === 0) this.#queues.delete(path);
      };
      queue.last = turn();
    });
  }
}
