import { deferred, type Deferred } from "@infra/promises";

/** A message that is to be published. */
export interface OutgoingMessage {
  readonly topic: string;
  readonly text: string;
  readonly kept: boolean;
}

/** Messages for one statement, column by column. */
export interface OutgoingBatch {
  readonly kept: readonly boolean[];
  readonly topics: readonly string[];
  readonly texts: readonly string[];
}

const batchSize = 100;
const waitingAtMost = 10_000;

/**
 * Publishes in order: one statement at a time, which takes what has gathered meanwhile. Statements on several connections
 * would overtake each other.
 */
export class PostgresOutbox {
  readonly #run: (batch: OutgoingBatch) => Promise<void>;
  #waiting: { readonly message: OutgoingMessage; readonly done: Deferred<void> }[] = [];
  #running = false;

  constructor(run: (batch: OutgoingBatch) => Promise<void>) {
    this.#run = run;
  }

  /** Resolves when the message is published. */
  add(message: OutgoingMessage): Promise<void> {
    if (this.#waiting.length >= waitingAtMost) {
      return Promise.reject(new Error(`${waitingAtMost} messages wait to be published already`));
    }
    const done = deferred();
    this.#waiting.push({ message, done });
    if (!this.#running) void this.#flush();
    return done.promise;
  }

  async #flush(): Promise<void> {
    this.#running = true;
    // what is published in the same turn goes together
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, batchSize);
      const messages = batch.map(({ message }) => message);
      try {
        await this.#run({
          kept: messages.map(({ kept }) => kept),
          topics: messages.map(({ topic }) => topic),
          texts: messages.map(({ text }) => text),
        });
        for (const { done } of batch) done.resolve();
      } catch (error) {
        for (const { done } of batch) done.reject(error);
      }
    }
    this.#running = false;
  }
}
