import type { MessageContext, Subscription } from "@infra/interfaces";

import type { StoredPage } from "./engine.js";
import { toCursor, type Envelope, type Position } from "./envelope.js";
import { CursorLostError } from "./errors.js";
import type { Gap, PubSubEvent } from "./pubsub-events.js";

/** What is called with a message. */
export type Listener = (message: unknown, context: MessageContext) => void | Promise<void>;

/** Options of {@link LocalSubscription}. */
export interface LocalSubscriptionOptions {
  /** A topic or a pattern. */
  readonly pattern: string;
  readonly listener: Listener;
  readonly maxPending: number;
  readonly onGap: ((gap: Gap) => void) | undefined;
  readonly tell: (event: PubSubEvent) => void;
  /** Reads what is kept; `undefined` where nothing is. */
  readonly read:
    | ((after: Position | undefined, signal: AbortSignal) => Promise<StoredPage>)
    | undefined;
  /** Waits before the next attempt to read. */
  readonly pause: (signal: AbortSignal) => Promise<void>;
  readonly onClose: (subscription: LocalSubscription) => Promise<void>;
}

/**
 * One listener. It is called with one message at a time, in order: while it works, what comes waits, `maxPending` at the
 * most. Beyond that messages are dropped where they are not kept, and read again where they are.
 */
export class LocalSubscription implements Subscription {
  readonly pattern: string;
  /** Messages handed to the listener. */
  delivered = 0;
  readonly #options: LocalSubscriptionOptions;
  readonly #listener: Listener;
  readonly #controller = new AbortController();
  readonly #signal = this.#controller.signal;
  readonly #durable: boolean;
  #pending: Envelope[] = [];
  #working: Promise<void> | undefined;
  #dropped = 0;
  #closing: Promise<void> | undefined;
  // of a durable one: the last message that was taken, and whether what comes is taken as it comes
  #at: Position | undefined;
  #reading: Promise<void> | undefined;
  #live = true;
  #seen = 0;

  constructor(options: LocalSubscriptionOptions) {
    this.#options = options;
    this.pattern = options.pattern;
    this.#listener = options.listener;
    this.#durable = options.read !== undefined;
    // until `begin`
    if (this.#durable) this.#live = false;
  }

  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** A message came. */
  push(envelope: Envelope): void {
    if (this.#closing) return;
    if (this.#durable && envelope.place && !this.#takes(envelope)) return;
    if (this.#working) this.#wait(envelope);
    else this.#start(envelope);
  }

  /**
   * Of a durable one: begins after a position, with what is kept. Messages are taken as they come when that is read.
   *
   * @throws CursorLostError when there was more after `after` than is kept.
   */
  async begin(
    after: Position | undefined,
    { strict }: { readonly strict: boolean },
  ): Promise<void> {
    this.#at = after;
    const first = await this.#options.read!(after, this.#signal);
    if (strict && first.lost && after) {
      throw new CursorLostError(
        `what came on ${this.pattern} after the cursor ${toCursor(after)} is no longer kept`,
        { details: { topic: this.pattern, cursor: toCursor(after) } },
      );
    }
    this.#takePage(first);
    this.#catchUp();
  }

  /** Messages may have been missed. */
  gap(reason: string): void {
    if (this.#closing) return;
    if (!this.#durable) this.#tellGap(reason);
    else if (this.#live) this.#catchUp();
    // else it reads already, and reads on
    else this.#seen = Infinity;
  }

  close(): Promise<void> {
    return (this.#closing ??= (async () => {
      this.#pending = [];
      this.#controller.abort(new Error("the subscription was closed"));
      await this.#options.onClose(this);
      await this.#working;
      await this.#reading;
    })());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #start(envelope: Envelope): void {
    const outcome = this.#hand(envelope);
    if (outcome) this.#working = this.#work(outcome, envelope.topic);
  }

  /** Calls the listener; what it returns if it takes its time. */
  #hand(envelope: Envelope): Promise<void> | undefined {
    const { id, topic, publishedAt, place } = envelope;
    this.delivered += 1;
    try {
      const outcome = this.#listener(envelope.message, {
        id,
        topic,
        publishedAt,
        cursor: place && toCursor(place),
        signal: this.#signal,
      });
      return isPromise(outcome) ? outcome : undefined;
    } catch (error) {
      this.#options.tell({ type: "listener-failed", topic, error });
      return undefined;
    }
  }

  /** Waits for the listener, then goes on with what came meanwhile. */
  async #work(first: Promise<void>, firstTopic: string): Promise<void> {
    let outcome: Promise<void> | undefined = first;
    let topic = firstTopic;
    while (outcome) {
      try {
        await outcome;
      } catch (error) {
        this.#options.tell({ type: "listener-failed", topic, error });
      }
      outcome = undefined;
      while (!outcome) {
        const next = this.#pending.shift();
        if (!next) break;
        topic = next.topic;
        outcome = this.#hand(next);
      }
    }
    this.#working = undefined;
    this.#tellDropped();
  }

  #wait(envelope: Envelope): void {
    if (this.#pending.length < this.#options.maxPending) {
      this.#pending.push(envelope);
    } else if (envelope.place && this.#durable) {
      // read again when there is room
      this.#at = before(envelope);
      this.#catchUp();
    } else {
      this.#dropped += 1;
      this.#options.tell({ type: "dropped", topic: envelope.topic, pattern: this.pattern });
    }
  }

  #tellDropped(): void {
    if (this.#dropped === 0) return;
    const dropped = this.#dropped;
    this.#dropped = 0;
    this.#tellGap(`the listener was too slow: ${dropped} messages were dropped`);
  }

  /** Whether a kept message is the next one; when one before it is missing, that is read first. */
  #takes(envelope: Envelope): boolean {
    const { epoch, seq, prev } = envelope.place!;
    if (!this.#live) {
      this.#seen = Math.max(this.#seen, seq);
      return false;
    }
    const at = this.#at;
    if (at && epoch === at.epoch) {
      if (seq <= at.seq) return false;
      if (prev > at.seq) {
        this.#catchUp();
        return false;
      }
    } else if (at) {
      this.#catchUp();
      return false;
    }
    this.#at = { epoch, seq };
    return true;
  }

  #catchUp(): void {
    if (this.#reading) return;
    this.#live = false;
    this.#seen = Infinity;
    this.#reading = this.#readOn().finally(() => (this.#reading = undefined));
  }

  async #readOn(): Promise<void> {
    while (!this.#closing) {
      // as fast as the listener goes
      while (this.#working) await this.#working;
      if (this.#closing) return;
      this.#seen = 0;
      try {
        const page = await this.#options.read!(this.#at, this.#signal);
        if (this.#closing) return;
        if (page.lost && this.#at) this.#tellGap("messages were missed that are no longer kept");
        this.#takePage(page);
        if (page.messages.length === 0 && this.#seen <= (this.#at?.seq ?? 0)) {
          this.#live = true;
          return;
        }
      } catch (error) {
        if (this.#closing) return;
        this.#options.tell({ type: "read-failed", pattern: this.pattern, error });
        await this.#options.pause(this.#signal).catch(() => {});
      }
    }
  }

  #takePage(page: StoredPage): void {
    if (this.#at && this.#at.epoch !== page.epoch) this.#at = { epoch: page.epoch, seq: 0 };
    this.#at ??= { epoch: page.epoch, seq: 0 };
    for (const envelope of page.messages) {
      if (this.#closing) return;
      const { epoch, seq } = envelope.place!;
      if (seq <= this.#at.seq) continue;
      this.#at = { epoch, seq };
      if (this.#working) this.#pending.push(envelope);
      else this.#start(envelope);
    }
  }

  #tellGap(reason: string): void {
    const gap = { pattern: this.pattern, reason };
    this.#options.tell({ type: "gap", ...gap });
    try {
      this.#options.onGap?.(gap);
    } catch (error) {
      this.#options.tell({ type: "listener-failed", topic: this.pattern, error });
    }
  }
}

function before({ place }: Envelope): Position {
  return { epoch: place!.epoch, seq: place!.seq - 1 };
}

function isPromise(value: unknown): value is Promise<void> {
  return typeof (value as PromiseLike<void> | undefined)?.then === "function";
}
