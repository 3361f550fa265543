import type { Entry } from "./entry.js";
import { Heap, type HeapNode } from "./heap.js";
import { LinkedList } from "./linked-list.js";

/** What waits with one priority, first in, first out. */
class Bucket<Item, Result> extends LinkedList<Entry<Item, Result>> implements HeapNode {
  heapIndex = -1;
  readonly priority: number;

  constructor(priority: number) {
    super();
    this.priority = priority;
  }
}

/** Empty buckets that are kept, for their priority is likely to come again. */
const keptBuckets = 64;

/** The entries of one key that wait, the one with the highest score first. */
export class Lane<Item, Result> implements HeapNode {
  heapIndex = -1;
  readonly key: string | undefined;
  size = 0;
  bytes = 0;
  /** Operations of this key that run. */
  running = 0;
  /** How much of the queue it gets, compared with others. */
  readonly weight: number;
  /** How much it has had, by its weight. */
  pass = 0;
  /** How many of what waits is to go out without waiting for more. */
  due = 0;
  stopTimer: (() => void) | undefined;
  readonly #buckets = new Map<number, Bucket<Item, Result>>();
  readonly #filled = new Heap<Bucket<Item, Result>>((a, b) => isBefore(a.first!, b.first!));
  // nearly always the one that is wanted
  #last: Bucket<Item, Result> | undefined;

  constructor(key: string | undefined, weight: number) {
    this.key = key;
    this.weight = weight;
  }

  /** The entry whose turn is next. */
  get first(): Entry<Item, Result> | undefined {
    return this.#filled.first?.first;
  }

  push(entry: Entry<Item, Result>): void {
    const bucket = this.#bucketOf(entry.priority);
    bucket.push(entry);
    if (bucket.size === 1) this.#filled.push(bucket);
    this.size += 1;
    this.bytes += entry.bytes;
  }

  /** The entry must wait in this lane. */
  remove(entry: Entry<Item, Result>): void {
    const bucket = this.#bucketOf(entry.priority);
    if (bucket.size === 1) this.#filled.remove(bucket);
    bucket.remove(entry);
    if (bucket.size > 0) this.#filled.update(bucket);
    else if (this.#buckets.size > keptBuckets) this.#forget(bucket);
    this.size -= 1;
    this.bytes -= entry.bytes;
  }

  /** When the one was added that waits longest; `Infinity` when none waits. */
  oldestAt(): number {
    return this.#filled
      .values()
      .reduce((oldest, { first }) => Math.min(oldest, first!.addedAt), Infinity);
  }

  /** All that wait, in no order. */
  *entries(): Generator<Entry<Item, Result>> {
    for (const bucket of this.#filled.values()) yield* bucket;
  }

  #bucketOf(priority: number): Bucket<Item, Result> {
    if (this.#last?.priority === priority) return this.#last;
    let bucket = this.#buckets.get(priority);
    if (!bucket) this.#buckets.set(priority, (bucket = new Bucket(priority)));
    this.#last = bucket;
    return bucket;
  }

  #forget(bucket: Bucket<Item, Result>): void {
    this.#buckets.delete(bucket.priority);
    if (this.#last === bucket) this.#last = undefined;
  }
}

/** Whether an entry's turn comes before another's. */
export function isBefore<Item, Result>(a: Entry<Item, Result>, b: Entry<Item, Result>): boolean {
  return a.score === b.score ? a.order < b.order : a.score > b.score;
}
