import type { Entry } from "./entry.js";
import { Heap } from "./heap.js";
import { isBefore, Lane } from "./lane.js";

/** Options of {@link Backlog}. */
export interface BacklogOptions<Item, Result> {
  /** Whether each key has a lane of its own. */
  readonly isKeyed: boolean;
  /** How many operations of one key may run at once. */
  readonly keyConcurrency: number;
  /** How much of the queue a key gets, compared with others; without it, priority decides between keys too. */
  readonly weightOf: ((key: string | undefined) => number) | undefined;
  /** How long an item waits until its priority counts one more. */
  readonly ageingMs: number;
  /** Whether what waits in a lane may go out now. */
  readonly isReady: (lane: Lane<Item, Result>) => boolean;
}

/** All that waits for its turn, and whose turn is next: by key, by priority, by age. */
export class Backlog<Item, Result> {
  size = 0;
  readonly #options: BacklogOptions<Item, Result>;
  readonly #lanes = new Map<string | undefined, Lane<Item, Result>>();
  /** The one lane of everything, where keys make no difference. */
  readonly #only: Lane<Item, Result> | undefined;
  /** The lanes of which something may begin. */
  readonly #open: Heap<Lane<Item, Result>>;
  #order = 0;
  /** How much the lane had that had its turn last: where a lane begins that comes anew. */
  #pass = 0;

  constructor(options: BacklogOptions<Item, Result>) {
    this.#options = options;
    if (!options.isKeyed) this.#lanes.set(undefined, (this.#only = new Lane(undefined, 1)));
    this.#open = new Heap(
      options.weightOf
        ? (a, b) => (a.pass === b.pass ? isBefore(a.first!, b.first!) : a.pass < b.pass)
        : (a, b) => isBefore(a.first!, b.first!),
    );
  }

  /** The lane whose turn is next. */
  get next(): Lane<Item, Result> | undefined {
    const lane = this.#only;
    if (!lane) return this.#open.first;
    return lane.size > 0 && this.#options.isReady(lane) ? lane : undefined;
  }

  lanes(): Iterable<Lane<Item, Result>> {
    return this.#lanes.values();
  }

  laneOf(key: string | undefined): Lane<Item, Result> | undefined {
    return this.#only ?? this.#lanes.get(key);
  }

  *entries(): Generator<Entry<Item, Result>> {
    for (const lane of this.#lanes.values()) yield* lane.entries();
  }

  push(entry: Entry<Item, Result>, nowMs: number): Lane<Item, Result> {
    const lane = this.laneOf(entry.key) ?? this.#begin(entry.key);
    const { ageingMs } = this.#options;
    entry.score = ageingMs === Infinity ? entry.priority : entry.priority - nowMs / ageingMs;
    entry.order = this.#order++;
    entry.lane = lane;
    // who had nothing waiting has saved nothing up
    if (lane.size === 0) lane.pass = Math.max(lane.pass, this.#pass);
    lane.push(entry);
    this.size += 1;
    this.refresh(lane);
    return lane;
  }

  /** Gives an entry that waits another priority; the time that it has waited goes on to count. */
  reprioritise(entry: Entry<Item, Result>, priority: number): void {
    const lane = entry.lane!;
    lane.remove(entry);
    entry.score += priority - entry.priority;
    entry.priority = priority;
    lane.push(entry);
    this.refresh(lane);
  }

  /** Takes an entry out, whose turn it is or who leaves. */
  remove(entry: Entry<Item, Result>): void {
    const lane = entry.lane!;
    lane.remove(entry);
    this.size -= 1;
    if (lane.due > lane.size) lane.due = lane.size;
    this.refresh(lane);
  }

  /** Takes the entry whose turn it is, to begin it. */
  shift(): Entry<Item, Result> | undefined {
    const lane = this.next;
    if (!lane) return undefined;
    const entry = lane.first!;
    lane.remove(entry);
    this.size -= 1;
    this.#begun(lane, 1);
    return entry;
  }

  /** Takes the next entries of a lane, to begin them together: while `fits` says so, one at least. */
  take(
    lane: Lane<Item, Result>,
    fits: (entry: Entry<Item, Result>, count: number) => boolean,
  ): Entry<Item, Result>[] {
    const taken: Entry<Item, Result>[] = [];
    for (let entry = lane.first; entry && (taken.length === 0 || fits(entry, taken.length));) {
      lane.remove(entry);
      taken.push(entry);
      entry = lane.first;
    }
    this.size -= taken.length;
    lane.due = Math.max(0, lane.due - taken.length);
    this.#begun(lane, taken.length);
    return taken;
  }

  /** An operation of a lane has ended. */
  ended(lane: Lane<Item, Result>): void {
    lane.running -= 1;
    this.refresh(lane);
  }

  /** Looks again whether, and when, it is a lane's turn. */
  refresh(lane: Lane<Item, Result>): void {
    if (lane !== this.#only) this.#reorder(lane);
    if (lane.size > 0 || !lane.stopTimer) return;
    lane.stopTimer();
    lane.stopTimer = undefined;
  }

  #reorder(lane: Lane<Item, Result>): void {
    const { keyConcurrency, isReady } = this.#options;
    const isOpen = lane.size > 0 && lane.running < keyConcurrency && isReady(lane);
    if (lane.heapIndex < 0) {
      if (isOpen) this.#open.push(lane);
    } else if (isOpen) {
      this.#open.update(lane);
    } else {
      this.#open.remove(lane);
    }
    const isOver = lane.size === 0 && lane.running === 0;
    if (isOver && this.#lanes.get(lane.key) === lane) this.#lanes.delete(lane.key);
  }

  #begun(lane: Lane<Item, Result>, count: number): void {
    lane.running += 1;
    this.#pass = lane.pass;
    lane.pass += count / lane.weight;
    this.refresh(lane);
  }

  #begin(key: string | undefined): Lane<Item, Result> {
    const lane = new Lane<Item, Result>(key, this.#options.weightOf?.(key) ?? 1);
    this.#lanes.set(key, lane);
    return lane;
  }
}
