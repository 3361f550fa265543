import { silentLogger, systemClock, type Clock, type Logger } from "@infra/interfaces";
import { abortable, deferred, type Deferred } from "@infra/promises";

import { Admission } from "./admission.js";
import { Backlog } from "./backlog.js";
import { DeadLetters } from "./dead-letters.js";
import { Dispatcher, type Work } from "./dispatcher.js";
import type { Entry } from "./entry.js";
import { QueueStoppedError } from "./errors.js";
import { JournalLink } from "./journal-link.js";
import type { Lane } from "./lane.js";
import { LinkedList } from "./linked-list.js";
import { Outcomes } from "./outcomes.js";
import { QueueEvents } from "./queue-events.js";
import type { QueueDependencies, ResolvedOptions } from "./queue-options.js";
import { newCounts, type QueueStats } from "./queue-stats.js";

/** How a kind of queue carries out what waits. */
export interface Operator<Item, Result, Operation> extends Work<Operation> {
  /** Whether each key has a lane of its own, whatever else asks for it. */
  readonly isByKey: boolean;
  /** Whether what waits in a lane may go out now. */
  isReady(lane: Lane<Item, Result>): boolean;
  /** How much an item counts for, where that matters. */
  readonly bytesOf: ((item: Item) => number) | undefined;
  /** An entry has come to wait in a lane. */
  arrived(lane: Lane<Item, Result>): void;
  /** Lets everything go out that waits for more. */
  flush(): void;
}

/** What the parts of a queue share: its lists, its counts, its collaborators. */
export class QueueCore<Item, Result> {
  readonly options: ResolvedOptions<Item>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  readonly events: QueueEvents<Item>;
  readonly counts = newCounts();
  readonly backlog: Backlog<Item, Result>;
  readonly dispatcher: Dispatcher<unknown>;
  readonly admission: Admission<Item, Result>;
  readonly outcomes: Outcomes<Item, Result>;
  readonly deadLetters: DeadLetters<Item>;
  readonly journal: JournalLink<Item, Result> | undefined;
  readonly operator: Operator<Item, Result, unknown>;
  /** Accepted as soon as the journal has them. */
  readonly arriving = new LinkedList<Entry<Item, Result>>();
  /** Those between two attempts. */
  readonly delayed = new LinkedList<Entry<Item, Result>>();
  readonly running = new LinkedList<Entry<Item, Result>>();
  readonly #whenIdle = new Set<{ readonly isIt: () => boolean; readonly done: Deferred<void> }>();
  #isClosed = false;
  #isEnded = false;

  /** @param operate makes what carries out the operations. */
  constructor(
    options: ResolvedOptions<Item>,
    deps: QueueDependencies,
    operate: (core: QueueCore<Item, Result>) => Operator<Item, Result, unknown>,
  ) {
    this.options = options;
    this.clock = deps.clock ?? systemClock;
    this.logger = (deps.logger ?? silentLogger).child({ category: "queue" });
    this.random = deps.random ?? Math.random;
    this.events = new QueueEvents((error) => {
      this.logger.error("a listener of a queue threw", { error });
    });
    this.operator = operate(this);
    this.backlog = new Backlog({
      isKeyed:
        this.operator.isByKey ||
        options.keyConcurrency < Infinity ||
        options.weightOf !== undefined,
      keyConcurrency: options.keyConcurrency,
      weightOf: options.weightOf,
      ageingMs: options.ageingMs,
      isReady: (lane) => this.operator.isReady(lane),
    });
    this.dispatcher = new Dispatcher({ ...options, clock: this.clock }, this.operator);
    this.admission = new Admission(this);
    this.outcomes = new Outcomes(this);
    this.journal = options.journal && new JournalLink(this, options.journal);
    this.deadLetters = new DeadLetters(options.maxDeadLetters, ({ journalId }) => {
      this.journal?.done(journalId);
    });
  }

  /** Whether it takes nothing more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether it begins nothing more. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Items accepted that have not begun. */
  get waiting(): number {
    return this.backlog.size + this.delayed.size + this.arriving.size;
  }

  get isIdle(): boolean {
    return this.running.size === 0 && this.waiting === 0 && this.admission.blocked.size === 0;
  }

  /** Takes nothing more. */
  close(): void {
    this.#isClosed = true;
    this.admission.refuseBlocked();
  }

  /** Lets an entry wait for its turn. */
  queue(entry: Entry<Item, Result>): void {
    entry.state = "waiting";
    const { ageingMs } = this.options;
    const lane = this.backlog.push(entry, ageingMs === Infinity ? 0 : this.clock.monotonic());
    this.operator.arrived(lane);
    this.dispatcher.pump();
  }

  /** An entry that was taken from the backlog begins an attempt. */
  begin(entry: Entry<Item, Result>): void {
    entry.state = "running";
    entry.attempt += 1;
    this.running.push(entry);
    this.admission.begun(entry);
    if (this.events.wanted) {
      this.events.emit({
        type: "started",
        item: entry.item,
        key: entry.key,
        attempt: entry.attempt,
        waitedMs: this.clock.monotonic() - entry.addedAt,
      });
    }
  }

  /** Takes an entry out of wherever it stands. */
  remove(entry: Entry<Item, Result>): void {
    const { state } = entry;
    if (state === "running") this.running.remove(entry);
    else if (state === "waiting") this.backlog.remove(entry);
    else if (state === "delayed") this.delayed.remove(entry);
    else if (state === "arriving") this.arriving.remove(entry);
    else if (state === "blocked") this.admission.blocked.remove(entry);
    entry.extras?.stopTimer?.();
  }

  /** Resolves once it is so, which is looked at whenever an item is done. @throws the signal's reason */
  async until(isIt: () => boolean, signal: AbortSignal | undefined): Promise<void> {
    if (isIt()) return;
    const waiting = { isIt, done: deferred() };
    this.#whenIdle.add(waiting);
    try {
      await abortable(waiting.done.promise, { signal });
    } finally {
      this.#whenIdle.delete(waiting);
    }
  }

  /** Something has left: tells who waits for that. */
  settled(): void {
    if (this.running.size > 0 && this.#whenIdle.size === 0) return;
    if (this.events.wanted && this.isIdle) this.events.emit({ type: "idle" });
    for (const { isIt, done } of this.#whenIdle) if (isIt()) done.resolve();
  }

  /** What a function of the options says; one that throws says no. */
  asks(option: string, ask: () => boolean): boolean {
    try {
      return ask();
    } catch (error) {
      this.logger.error(`${option} of the ${this.options.name} threw: taken for no`, { error });
      return false;
    }
  }

  /** Ends everything that has not ended, and returns how many items that were. The journal keeps them. */
  giveUp(): number {
    this.#isEnded = true;
    this.dispatcher.end();
    const error = new QueueStoppedError(`the ${this.options.name} was stopped`);
    const left = [...this.running, ...this.delayed, ...this.backlog.entries(), ...this.arriving];
    for (const entry of left) this.outcomes.giveUp(entry, error);
    this.settled();
    return left.length;
  }

  stats(): QueueStats {
    const nowMs = this.clock.monotonic();
    let oldestAt = Infinity;
    for (const lane of this.backlog.lanes()) oldestAt = Math.min(oldestAt, lane.oldestAt());
    for (const entry of this.delayed) oldestAt = Math.min(oldestAt, entry.addedAt);
    return {
      ...this.counts,
      waiting: this.waiting,
      delayed: this.delayed.size,
      running: this.running.size,
      blocked: this.admission.blocked.size,
      deadLetters: this.deadLetters.size,
      oldestMs: oldestAt === Infinity ? 0 : nowMs - oldestAt,
    };
  }
}
