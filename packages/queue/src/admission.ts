import { AsyncResource } from "node:async_hooks";

import { deferred } from "@infra/promises";

import { AllOutcomes } from "./all-outcomes.js";
import { Entry, type Origin } from "./entry.js";
import { ItemDroppedError, QueueFullError, QueueStoppedError } from "./errors.js";
import { LinkedList } from "./linked-list.js";
import type { QueueCore } from "./queue-core.js";
import type { AddOptions } from "./queue-options.js";

/** Lets items in, or not: room, duplicates, ids, the journal. */
export class Admission<Item, Result> {
  /** Those that wait for room. */
  readonly blocked = new LinkedList<Entry<Item, Result>>();
  readonly #core: QueueCore<Item, Result>;
  readonly #byIdentity = new Map<unknown, Entry<Item, Result>>();
  readonly #byId = new Map<string, Entry<Item, Result>>();
  /** Everything that has not begun yet as it came, to know the oldest; only where that may be dropped. */
  readonly #arrivals: Set<Entry<Item, Result>> | undefined;
  // one that goes on: a new one would pass over all that was removed from the front, each time
  #oldest: Iterator<Entry<Item, Result>, undefined> | undefined;

  constructor(core: QueueCore<Item, Result>) {
    this.#core = core;
    if (core.options.whenFull === "drop-oldest") this.#arrivals = new Set();
  }

  byId(id: string): Entry<Item, Result> | undefined {
    return this.#byId.get(id);
  }

  /** @throws what is wrong with the options, or the signal's reason. */
  add(item: Item, options: AddOptions | undefined): Promise<Result> {
    this.#check(options);
    const twin = this.#twin(item, options);
    const entry = twin ?? this.#entryOf(item, options, this.#origin());
    const outcome = options?.signal
      ? entry.outcomeUntil(options.signal, this.#abandon)
      : twin
        ? entry.sameOutcome()
        : entry.outcome();
    if (!twin) this.#admit(entry);
    return outcome;
  }

  /** The same for many, who share the promise and the context. @throws like `add` */
  addAll(items: readonly Item[], options: AddOptions | undefined): Promise<Result[]> {
    this.#check(options);
    if (options?.signal) return Promise.all(items.map(async (item) => this.add(item, options)));
    const all = new AllOutcomes<Result>(items.length);
    const origin = this.#origin();
    try {
      for (let index = 0; index < items.length; index += 1) {
        this.#addTo(all, index, items[index] as Item, options, origin);
      }
    } catch (error) {
      all.failed(error);
    }
    return all.promise;
  }

  /** Resolves when the item has been accepted. @throws like `add` */
  enqueue(item: Item, options: AddOptions | undefined): Promise<void> {
    this.#check(options);
    const twin = this.#twin(item, options);
    const entry = twin ?? this.#entryOf(item, options, this.#origin());
    if (options?.signal) entry.leaveOn(options.signal, this.#abandon, nobody);
    else entry.hold();
    const refusal = twin ? undefined : this.#admit(entry);
    if (refusal) return Promise.reject(refusal);
    return isArriving(entry) ? (entry.more.acceptance ??= deferred()).promise : accepted;
  }

  /** What was found in the journal: it has been accepted before, whatever room there is. */
  recover(item: Item, options: AddOptions, journalId: number): void {
    const entry = this.#entryOf(item, options, this.#origin());
    entry.hold();
    entry.more.journalId = journalId;
    this.#core.counts.recovered += 1;
    this.#core.queue(entry);
  }

  /** An entry begins: there is room for another. */
  begun(entry: Entry<Item, Result>): void {
    this.#arrivals?.delete(entry);
    const { extras } = entry;
    if (extras?.identity !== undefined && this.#core.options.dedupeUntil === "started") {
      this.#forgetIdentity(entry);
    }
    if (this.blocked.size > 0) this.#unblock();
  }

  /** An entry is done: its names are free again, and so may be its room. */
  forget(entry: Entry<Item, Result>): void {
    this.#arrivals?.delete(entry);
    const { extras } = entry;
    if (extras?.id !== undefined) this.#byId.delete(extras.id);
    if (extras?.identity !== undefined) this.#forgetIdentity(entry);
    if (this.blocked.size > 0) this.#unblock();
  }

  reprioritise(entry: Entry<Item, Result>, priority: number): void {
    if (entry.state === "waiting") this.#core.backlog.reprioritise(entry, priority);
    else entry.priority = priority;
  }

  /** Drops an entry that waits. */
  drop(entry: Entry<Item, Result>, why: string): void {
    this.#core.counts.dropped += 1;
    this.#core.outcomes.withdraw(entry, "dropped", droppedError(why));
  }

  refuseBlocked(): void {
    for (const entry of this.blocked) this.#refuse(entry, stopped(this.#core.options.name));
  }

  #check(options: AddOptions | undefined): void {
    if (this.#core.isClosed) throw stopped(this.#core.options.name);
    if (!options) return;
    options.signal?.throwIfAborted();
    checkPriority(options.priority ?? 0);
  }

  #addTo(
    all: AllOutcomes<Result>,
    index: number,
    item: Item,
    options: AddOptions | undefined,
    origin: Origin,
  ): void {
    const twin = this.#twin(item, options);
    if (twin) {
      twin.sameOutcome().then(
        (value) => all.succeeded(index, value),
        (error: unknown) => all.failed(error),
      );
      return;
    }
    const entry = this.#entryOf(item, options, origin);
    entry.tell(all, index);
    this.#admit(entry);
  }

  /** One that waits or runs already and is the same. */
  #twin(item: Item, options: AddOptions | undefined): Entry<Item, Result> | undefined {
    const { dedupe } = this.#core.options;
    const existing = dedupe && this.#byIdentity.get(dedupe(item));
    if (!existing) return undefined;
    const { priority = 0 } = options ?? {};
    this.#core.counts.joined += 1;
    if (priority > existing.priority) this.reprioritise(existing, priority);
    return existing;
  }

  #entryOf(item: Item, options: AddOptions | undefined, origin: Origin): Entry<Item, Result> {
    const { operator, options: queue } = this.#core;
    const key = options?.key;
    const entry = new Entry<Item, Result>(item, key, options?.priority ?? 0, origin);
    if (operator.bytesOf) entry.more.bytes = operator.bytesOf(item);
    if (queue.weightOf) checkWeight(queue.weightOf(key), key);
    if (options?.id !== undefined) this.#setId(entry, options.id);
    const identity = queue.dedupe?.(item);
    if (identity !== undefined) {
      entry.more.identity = identity;
      this.#byIdentity.set(identity, entry);
    }
    return entry;
  }

  #origin(): Origin {
    const addedAt = Math.floor(this.#core.clock.monotonic());
    return { resource: new AsyncResource("QueueItem"), addedAt };
  }

  #setId(entry: Entry<Item, Result>, id: string): void {
    if (this.#byId.has(id)) {
      throw new RangeError(`add: id must be of no other item that is not done, got ${id}`);
    }
    entry.more.id = id;
    this.#byId.set(id, entry);
  }

  #forgetIdentity(entry: Entry<Item, Result>): void {
    const { identity } = entry.more;
    if (this.#byIdentity.get(identity) === entry) this.#byIdentity.delete(identity);
  }

  /** The error of one that is refused at once. */
  #admit(entry: Entry<Item, Result>): Error | undefined {
    const core = this.#core;
    const { maxWaiting, whenFull, maxBlocked } = core.options;
    if (core.waiting < maxWaiting && this.blocked.size === 0) {
      this.#accept(entry);
    } else if (whenFull === "block" && this.blocked.size < maxBlocked) {
      entry.state = "blocked";
      this.blocked.push(entry);
    } else if (whenFull === "drop-oldest" && this.#dropOldest()) {
      this.#accept(entry);
    } else {
      const error = this.#full();
      this.#refuse(entry, error);
      return error;
    }
    return undefined;
  }

  #accept(entry: Entry<Item, Result>): void {
    const { journal, arriving } = this.#core;
    this.#arrivals?.add(entry);
    entry.state = "arriving";
    if (!journal) return this.#accepted(entry);
    arriving.push(entry);
    journal.accept(entry, (error) => {
      // it may have left meanwhile
      if (entry.state !== "arriving") return;
      if (error !== undefined) return this.#refuse(entry, error);
      arriving.remove(entry);
      this.#accepted(entry);
    });
  }

  #accepted(entry: Entry<Item, Result>): void {
    const core = this.#core;
    core.counts.added += 1;
    if (core.events.wanted) {
      const { item, key, priority } = entry;
      core.events.emit({ type: "added", item, key, priority });
    }
    entry.extras?.acceptance?.resolve();
    core.queue(entry);
  }

  /** It is not accepted. */
  #refuse(entry: Entry<Item, Result>, error: unknown): void {
    this.#core.counts.refused += 1;
    this.#core.outcomes.withdraw(entry, "refused", error);
  }

  #unblock(): void {
    const core = this.#core;
    while (this.blocked.first && core.waiting < core.options.maxWaiting) {
      const entry = this.blocked.first;
      this.blocked.remove(entry);
      this.#accept(entry);
    }
  }

  /** False when nothing that waits may be dropped: all of it has begun before, and waits for its next attempt. */
  #dropOldest(): boolean {
    const arrivals = this.#arrivals!;
    while (arrivals.size > 0) {
      this.#oldest ??= arrivals.values();
      const { value } = this.#oldest.next();
      if (value) {
        this.drop(value, "the queue was full, and the item was dropped for a newer one");
        return true;
      }
      this.#oldest = undefined;
    }
    return false;
  }

  #full(): QueueFullError {
    const { name, maxWaiting, whenFull, maxBlocked } = this.#core.options;
    const blocked = whenFull === "block" ? `, and ${maxBlocked} for room (maxBlocked)` : "";
    return new QueueFullError(
      `the ${name} is full: ${maxWaiting} items wait (maxWaiting)${blocked}`,
      { details: { maxWaiting } },
    );
  }

  /** Nobody waits for an entry any more. */
  readonly #abandon = (entry: Entry<Item, Result>, reason: unknown): void => {
    this.#core.outcomes.abandon(entry, reason);
  };
}

const accepted = Promise.resolve();

/** One who only says when the item is not wanted any more. */
const nobody = { resolve: (): void => {}, reject: (): void => {} };

function isArriving({ state }: { readonly state: string }): boolean {
  return state === "blocked" || state === "arriving";
}

/** Without a stack: it would be that of another caller, and is most of what an error costs. */
function droppedError(why: string): ItemDroppedError {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return new ItemDroppedError(why);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function stopped(name: string): QueueStoppedError {
  return new QueueStoppedError(`the ${name} has been stopped and takes nothing more`);
}

function checkWeight(weight: number, key: string | undefined): void {
  if (weight > 0) return;
  throw new RangeError(`fairness must give a number above 0, got ${weight} for the key ${key}`);
}

/** @throws RangeError when a priority is no finite number. */
export function checkPriority(priority: number): void {
  if (Number.isFinite(priority)) return;
  throw new RangeError(`priority must be a finite number, got ${String(priority)}`);
}
