import { randomBytes } from "node:crypto";

import { systemClock, type Clock } from "@infra/interfaces";

import type { EngineHandler, PubSubEngine, Retention, StoredPage } from "../engine.js";
import type { Envelope, Position } from "../envelope.js";
import { topicMatcher } from "../topic.js";

/** Options of {@link MemoryPubSubEngine}. */
export type MemoryEngineOptions = Retention;

interface Log {
  messages: Envelope[];
  last: number;
  lastAt: number;
}

const topicsAtMost = 100_000;

/** This process alone: messages of durable topics are kept in memory, and gone with it. */
export class MemoryPubSubEngine implements PubSubEngine {
  readonly name = "memory";
  readonly #retention: Retention;
  readonly #clock: Clock;
  readonly #epoch = randomBytes(6).toString("hex");
  // in the order in which they were last written to
  readonly #logs = new Map<string, Log>();
  #seq = 0;
  #forgotten = 0;
  #handler: EngineHandler | undefined;

  constructor(
    options: MemoryEngineOptions,
    { clock = systemClock }: { readonly clock?: Clock } = {},
  ) {
    this.#retention = options;
    this.#clock = clock;
  }

  async open(handler: EngineHandler): Promise<void> {
    this.#handler = handler;
    handler.onState(true);
  }

  async listen(): Promise<void> {}
  async unlisten(): Promise<void> {}
  async send(): Promise<void> {}
  async ping(): Promise<void> {}

  async close(): Promise<void> {
    this.#logs.clear();
  }

  async append(envelope: Envelope): Promise<void> {
    const { keepMessages, keepForMs } = this.#retention;
    const log = this.#logs.get(envelope.topic) ?? { messages: [], last: 0, lastAt: 0 };
    this.#seq += 1;
    const place = { epoch: this.#epoch, seq: this.#seq, prev: log.last };
    const kept = { ...envelope, place };
    log.messages.push(kept);
    log.last = this.#seq;
    log.lastAt = this.#clock.now();
    // in one go, now and then
    if (log.messages.length >= keepMessages * 2) log.messages = log.messages.slice(-keepMessages);
    this.#logs.delete(envelope.topic);
    this.#logs.set(envelope.topic, log);
    this.#forget(log.lastAt - keepForMs);
    this.#handler?.onMessage(kept);
  }

  async read(pattern: string, after: Position | undefined, limit: number): Promise<StoredPage> {
    const matches = topicMatcher(pattern);
    const foreign = after !== undefined && after.epoch !== this.#epoch;
    const seq = foreign ? 0 : (after?.seq ?? 0);
    let lost = foreign || (after !== undefined && seq < this.#forgotten);
    const messages: Envelope[] = [];
    for (const [topic, log] of this.#logs) {
      if (!matches(topic) || log.last <= seq) continue;
      const from = log.messages.findIndex(({ place }) => place!.seq > seq);
      if (after !== undefined && log.messages[from]!.place!.prev > seq) lost = true;
      messages.push(...log.messages.slice(from, from + limit));
    }
    messages.sort((a, b) => a.place!.seq - b.place!.seq);
    return { messages: messages.slice(0, limit), lost, epoch: this.#epoch };
  }

  async position(): Promise<Position> {
    return { epoch: this.#epoch, seq: this.#seq };
  }

  #forget(before: number): void {
    for (const [topic, { lastAt, last }] of this.#logs) {
      if (lastAt >= before && this.#logs.size <= topicsAtMost) return;
      this.#logs.delete(topic);
      this.#forgotten = Math.max(this.#forgotten, last);
    }
  }
}
