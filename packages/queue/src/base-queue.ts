import type {
  HealthReport,
  Managed,
  Queue,
  StartContext,
  StopContext,
  Duration,
} from "@infra/interfaces";
import { toMilliseconds } from "@infra/interfaces";
import { Deadline } from "@infra/promises";

import { checkPriority } from "./admission.js";
import type { DeadLetter } from "./dead-letters.js";
import type { QueueCore } from "./queue-core.js";
import type { QueueEvent } from "./queue-events.js";
import type { AddOptions } from "./queue-options.js";
import type { QueueStats } from "./queue-stats.js";

/** Options of `drain`. */
export interface DrainOptions {
  /** How long it may take. @default stopTimeout */
  readonly timeout?: Duration | undefined;
  /** Ends it earlier. */
  readonly signal?: AbortSignal | undefined;
}

/** How `drain` ended. */
export interface DrainReport {
  /** Items that were given up when the time was over: their callers were told, their operations aborted. */
  readonly abandoned: number;
}

/** What every queue does, whatever it carries out and how. */
export abstract class BaseQueue<Item, Result = void> implements Queue<Item, Result>, Managed {
  readonly #core: QueueCore<Item, Result>;
  readonly #timeOver = new AbortController();
  #draining: Promise<DrainReport> | undefined;
  #stopping: Promise<void> | undefined;

  protected constructor(core: QueueCore<Item, Result>) {
    this.#core = core;
  }

  /** Items accepted that have not begun, those between two attempts included. */
  get size(): number {
    return this.#core.waiting;
  }

  /** Items that are being worked on. */
  get running(): number {
    return this.#core.running.size;
  }

  get isPaused(): boolean {
    return this.#core.dispatcher.isPaused;
  }

  /**
   * Adds an item, and resolves or rejects with its own outcome. With `whenFull: "block"` it waits for room before that.
   *
   * @throws what the operation throws; QueueFullError (`ERR_QUEUE_FULL`), ItemDroppedError (`ERR_QUEUE_DROPPED`),
   * QueueStoppedError (`ERR_QUEUE_STOPPED`), OperationTimeoutError (`ERR_QUEUE_TIMEOUT`), QueueJournalError
   * (`ERR_QUEUE_JOURNAL`), UnsupportedItemError (`ERR_QUEUE_UNSUPPORTED_ITEM`); the signal's reason; RangeError when an
   * option is out of range.
   */
  add(item: Item, options?: AddOptions): Promise<Result> {
    try {
      return this.#core.admission.add(item, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Adds items, and resolves to their results in the same order; rejects with the first failure. */
  addAll(items: Iterable<Item>, options?: AddOptions): Promise<Result[]> {
    try {
      return this.#core.admission.addAll([...items], options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Adds an item whose outcome nobody waits for, and resolves when it has been accepted: at once when there is room; with
   * `whenFull: "block"` when there is; with a journal when it is on the disk. A failure is seen in the dead letters.
   *
   * @throws what `add` throws before an item is accepted.
   */
  enqueue(item: Item, options?: AddOptions): Promise<void> {
    try {
      return this.#core.admission.enqueue(item, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Gives the item that was added with this id another priority, while it waits.
   *
   * @returns whether it waits.
   * @throws RangeError when the priority is no finite number.
   */
  setPriority(id: string, priority: number): boolean {
    checkPriority(priority);
    const entry = this.#core.admission.byId(id);
    if (!entry || entry.state === "running") return false;
    this.#core.admission.reprioritise(entry, priority);
    return true;
  }

  /** Begins nothing more; what runs goes on. */
  pause(): void {
    this.#core.dispatcher.pause();
    if (this.#core.events.wanted) this.#core.events.emit({ type: "paused" });
  }

  resume(): void {
    if (this.#core.isEnded) return;
    if (this.#core.events.wanted) this.#core.events.emit({ type: "resumed" });
    this.#core.dispatcher.resume();
  }

  /** Drops everything that waits, and returns how many items that were. */
  clear(): number {
    const waiting = [...this.#core.backlog.entries(), ...this.#core.delayed];
    for (const entry of waiting) this.#core.admission.drop(entry, "the queue was cleared");
    return waiting.length;
  }

  /**
   * Resolves when nothing waits or runs.
   *
   * @throws the signal's reason when it aborts first.
   */
  async onIdle(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    options.signal?.throwIfAborted();
    await this.#core.until(() => this.#core.isIdle, options.signal);
  }

  /**
   * Takes nothing more, carries out what was accepted, and resolves when that is done or the time is over. What is left then
   * is given up: its callers are told (`ERR_QUEUE_STOPPED`), its operations aborted; a journal keeps it for the next start.
   * While the queue is paused only what runs is waited for. Of several calls the one that waits least decides.
   *
   * @throws RangeError when the time-out is no duration.
   */
  async drain(options: DrainOptions = {}): Promise<DrainReport> {
    const { clock, options: defaults } = this.#core;
    const { timeout = defaults.stopTimeoutMs, signal } = options;
    const timeoutMs = toMilliseconds(timeout, "drain: timeout");
    using deadline = new Deadline(timeoutMs, { signal, clock });
    const giveUp = (): void => this.#timeOver.abort();
    if (deadline.signal.aborted) giveUp();
    else deadline.signal.addEventListener("abort", giveUp, { once: true });
    return await (this.#draining ??= this.#drain());
  }

  /** Opens the journal, if there is one, and begins with what was left in it. The first item does so too. */
  async start(context: StartContext = {}): Promise<void> {
    await this.#core.journal?.open(context.signal);
  }

  /** Drains, for `stopTimeout` or until the signal aborts, then closes the journal. */
  stop(context: StopContext = {}): Promise<void> {
    return (this.#stopping ??= (async () => {
      await this.drain({ signal: context.signal });
      await this.#core.journal?.close();
      if (this.#core.events.wanted) this.#core.events.emit({ type: "stopped" });
    })());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  health(): Promise<HealthReport> {
    const { waiting, running, blocked, deadLetters } = this.stats();
    const details = { waiting, running, blocked, deadLetters };
    if (this.#core.isClosed) {
      return Promise.resolve({ status: "down", message: "the queue has been stopped", details });
    }
    const isFull = waiting >= this.#core.options.maxWaiting;
    return Promise.resolve(
      isFull
        ? { status: "degraded", message: `the queue is full: ${waiting} items wait`, details }
        : { status: "up", details },
    );
  }

  stats(): QueueStats {
    return this.#core.stats();
  }

  /** Calls back at everything that happens; what it returns ends that. A callback that throws changes nothing. */
  subscribe(listener: (event: QueueEvent<Item>) => void): () => void {
    return this.#core.events.subscribe(listener);
  }

  /** The items that failed for good, the oldest first. */
  deadLetters(): readonly DeadLetter<Item>[] {
    return this.#core.deadLetters.list();
  }

  /**
   * Adds dead letters again, with all their attempts before them.
   *
   * @returns how many; those that find no room stay dead letters.
   */
  async retryDeadLetters(
    isWanted: (letter: DeadLetter<Item>) => boolean = () => true,
  ): Promise<number> {
    const taken = this.#core.deadLetters.take(isWanted);
    const outcomes = await Promise.allSettled(
      taken.map(async (kept) => {
        const { item, key, priority } = kept.letter;
        try {
          await this.enqueue(item, { key, priority });
        } catch (error) {
          this.#core.deadLetters.add(kept);
          throw error;
        }
        this.#core.journal?.done(kept.journalId);
      }),
    );
    return outcomes.filter(({ status }) => status === "fulfilled").length;
  }

  /** Forgets dead letters, and returns how many. */
  discardDeadLetters(isWanted: (letter: DeadLetter<Item>) => boolean = () => true): number {
    const taken = this.#core.deadLetters.take(isWanted);
    for (const { journalId } of taken) this.#core.journal?.done(journalId);
    return taken.length;
  }

  async #drain(): Promise<DrainReport> {
    const core = this.#core;
    core.close();
    core.operator.flush();
    const isDone = (): boolean =>
      core.running.size === 0 && (core.isIdle || core.dispatcher.isPaused);
    try {
      await core.until(isDone, this.#timeOver.signal);
    } catch {
      // the time is over: what is left is given up
    }
    return { abandoned: core.giveUp() };
  }
}
