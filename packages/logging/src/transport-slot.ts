import { toMilliseconds, type Clock, type LogEntry, type LogTransport } from "@infra/interfaces";

import { contextInForce, runWithin } from "./log-context.js";
import { levelNumbers } from "./log-threshold.js";

/** What becomes of a line that finds the queue of a transport full: see `LoggerOptions.whenFull`. */
export type WhenFull = "drop" | "block";

/** How lines wait for a transport. */
export interface QueueOptions {
  /** How many lines may wait. */
  readonly maxQueued: number;
  readonly whenFull: WhenFull;
}

/** What became of the lines that a transport was given. */
export interface TransportStats {
  readonly name: string;
  /** Lines that the transport took. */
  readonly written: number;
  /** Lines that found the queue full, or the logger stopped. */
  readonly dropped: number;
  /** Lines that the transport threw or rejected. */
  readonly failed: number;
  /** Lines that wait. */
  readonly queued: number;
}

/** How many times `maxQueued` may wait where nothing is to be dropped: memory has an end. */
const stretch = 10;
/** How many places of lines that were taken are kept before the queue is moved together. */
const maxTaken = 1024;

/** One transport with its queue: it takes one line or one batch at a time, and its failures end here. */
export class TransportSlot {
  readonly name: string;
  readonly transport: LogTransport;
  readonly #least: number;
  readonly #maxQueued: number;
  readonly #mostQueued: number;
  readonly #batchSize: number;
  readonly #batchDelayMs: number;
  readonly #clock: Clock;
  readonly #onFailure: (name: string, error: unknown) => void;
  #queue: LogEntry[] = [];
  #head = 0;
  #busy = false;
  #writing = false;
  #stopped = false;
  #written = 0;
  #dropped = 0;
  #failed = 0;
  #cancelDelay: (() => void) | undefined;
  #waitingForEnd: (() => void)[] = [];
  #waitingForRoom: (() => void)[] = [];

  constructor(
    transport: LogTransport,
    options: QueueOptions & {
      readonly clock: Clock;
      readonly onFailure: (name: string, error: unknown) => void;
    },
  ) {
    this.transport = transport;
    this.name = transport.name ?? transport.constructor.name;
    this.#least = levelNumbers[transport.level ?? "trace"];
    this.#maxQueued = options.maxQueued;
    this.#mostQueued = options.maxQueued * (options.whenFull === "block" ? stretch : 1);
    this.#batchSize = transport.batchSize ?? 1;
    this.#batchDelayMs = toMilliseconds(transport.batchDelay ?? 0, `${this.name}: batchDelay`);
    this.#clock = options.clock;
    this.#onFailure = options.onFailure;
  }

  /** Hands over a line. The entry is only made for those who need it. */
  deliver(level: number, line: string, entry: () => LogEntry): void {
    if (level > this.#least) return;
    const { transport } = this;
    if (transport.writeLine !== undefined) {
      // what it logs while it writes does not come back to it
      if (this.#writing) return;
      this.#writing = true;
      try {
        transport.writeLine(line);
        this.#written++;
      } catch (error) {
        this.#fail(error, 1);
      } finally {
        this.#writing = false;
      }
      return;
    }
    if (contextInForce()?.within === transport) return;
    if (this.#stopped || this.#queued >= this.#mostQueued) {
      this.#dropped++;
      return;
    }
    this.#queue.push(entry());
    if (this.#busy) return;
    if (this.#queued >= this.#batchSize) this.#drain();
    else this.#cancelDelay ??= this.#clock.setTimeout(() => this.#drain(), this.#batchDelayMs);
  }

  /** Resolves when fewer than `maxQueued` lines wait. */
  async room(): Promise<void> {
    if (this.#queued < this.#maxQueued) return;
    await new Promise<void>((resolve) => this.#waitingForRoom.push(resolve));
  }

  /** Resolves when the queue is empty and the transport has flushed. */
  async flush(): Promise<void> {
    if (this.#busy || this.#queued > 0) {
      const ended = new Promise<void>((resolve) => this.#waitingForEnd.push(resolve));
      if (!this.#busy) this.#drain();
      await ended;
    }
    await this.#attempt(() => this.transport.flush?.());
  }

  /** What comes from now on is dropped, except by a transport that writes at once. */
  async close(): Promise<void> {
    this.#stopped = true;
    await this.#attempt(() => this.transport.close?.());
  }

  /** Gives up what still waits. */
  abandon(): void {
    this.#stopped = true;
    this.#dropped += this.#queued;
    this.#queue = [];
    this.#head = 0;
    this.#cancelDelay?.();
    release(this.#waitingForRoom);
  }

  stats(): TransportStats {
    return {
      name: this.name,
      written: this.#written,
      dropped: this.#dropped,
      failed: this.#failed,
      queued: this.#queued,
    };
  }

  get #queued(): number {
    return this.#queue.length - this.#head;
  }

  /** Hands over what is queued, at once as long as nothing has to be waited for. */
  #drain(): void {
    this.#busy = true;
    this.#cancelDelay?.();
    this.#cancelDelay = undefined;
    while (this.#queued > 0) {
      const pending = this.#hand(this.#take());
      if (pending === undefined) continue;
      void pending.then(() => this.#drain());
      return;
    }
    this.#busy = false;
    release(this.#waitingForEnd);
  }

  /** The next lines, as many as the transport takes at once. */
  #take(): readonly LogEntry[] {
    const end = Math.min(this.#head + this.#batchSize, this.#queue.length);
    const taken = this.#queue.slice(this.#head, end);
    this.#head = end;
    if (end === this.#queue.length || end > maxTaken) {
      this.#queue = this.#queue.slice(end);
      this.#head = 0;
    }
    if (this.#queued < this.#maxQueued) release(this.#waitingForRoom);
    return taken;
  }

  #hand(entries: readonly LogEntry[]): Promise<void> | undefined {
    const { transport } = this;
    const count = entries.length;
    try {
      const pending = runWithin(transport, () =>
        transport.logBatch === undefined ? transport.log(entries[0]!) : transport.logBatch(entries),
      );
      if (typeof pending?.then === "function") {
        return Promise.resolve(pending).then(
          () => void (this.#written += count),
          (error: unknown) => this.#fail(error, count),
        );
      }
      this.#written += count;
    } catch (error) {
      this.#fail(error, count);
    }
    return undefined;
  }

  async #attempt(work: () => void | Promise<void>): Promise<void> {
    try {
      await runWithin(this.transport, work);
    } catch (error) {
      this.#onFailure(this.name, error);
    }
  }

  #fail(error: unknown, count: number): void {
    if (this.#failed === 0) this.#onFailure(this.name, error);
    this.#failed += count;
  }
}

function release(waiting: (() => void)[]): void {
  for (const resolve of waiting.splice(0)) resolve();
}
