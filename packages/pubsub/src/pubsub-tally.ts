import type { Logger } from "@infra/interfaces";

import type { PubSubEvent } from "./pubsub-events.js";
import type { PubSubCounts } from "./pubsub-stats.js";

/** Counts what happens, writes it to the log, and tells who wants to know. A listener that throws changes nothing. */
export class PubSubTally {
  readonly counts: { -readonly [K in keyof PubSubCounts]: number } = {
    published: 0,
    delivered: 0,
    dropped: 0,
    failed: 0,
    invalid: 0,
    unsent: 0,
    gaps: 0,
  };
  readonly #logger: Logger;
  readonly #listeners = new Set<(event: PubSubEvent) => void>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  subscribe(listener: (event: PubSubEvent) => void): () => void {
    const own = (event: PubSubEvent): void => listener(event);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  tell(event: PubSubEvent): void {
    this.#log(event);
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (thrown) {
        process.emitWarning(`a listener of PubSubService.onEvent threw: ${String(thrown)}`);
      }
    }
  }

  #log(event: PubSubEvent): void {
    switch (event.type) {
      case "gap":
        this.counts.gaps += 1;
        this.#logger.warn("messages may have been missed", {
          pattern: event.pattern,
          reason: event.reason,
        });
        break;
      case "dropped":
        this.counts.dropped += 1;
        break;
      case "listener-failed":
        this.counts.failed += 1;
        this.#logger.error("a listener failed", { topic: event.topic, error: event.error });
        break;
      case "invalid":
        this.counts.invalid += 1;
        this.#logger.warn("a message is not what its schema wants", {
          topic: event.topic,
          error: event.error,
        });
        break;
      case "publish-failed":
        this.counts.unsent += 1;
        this.#logger.warn("a message reached this process alone", {
          topic: event.topic,
          error: event.error,
        });
        break;
      case "disconnected":
      case "read-failed":
        this.#logger.warn("the engine can't be reached", { error: event.error });
        break;
      case "connected":
        this.#logger.debug("connected to the engine");
    }
  }
}
