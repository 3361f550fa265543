import type { Logger } from "@infra/interfaces";

import { topicText } from "./gateway-auth.js";
import type { GatewayEvent, GatewayStats } from "./gateway-events.js";

/** Counts what happens, writes it to the log, and tells who wants to know. */
export class GatewayTally {
  readonly counts: {
    -readonly [K in Exclude<keyof GatewayStats, "connections" | "topics">]: number;
  } = {
    received: 0,
    heard: 0,
    refused: 0,
    denied: 0,
    slow: 0,
    closed: 0,
  };
  readonly #logger: Logger;
  readonly #listeners = new Set<(event: GatewayEvent) => void>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  subscribe(listener: (event: GatewayEvent) => void): () => void {
    const own = (event: GatewayEvent): void => listener(event);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  tell(event: GatewayEvent): void {
    this.#log(event);
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (thrown) {
        process.emitWarning(`a listener of GatewayService.onEvent threw: ${String(thrown)}`);
      }
    }
  }

  #log(event: GatewayEvent): void {
    switch (event.type) {
      case "denied": {
        this.counts.denied += 1;
        const { action, reason, principal } = event;
        // what a client sends is bounded before it is written down
        const topic = topicText(event.topic);
        this.#logger.warn("a client may not", { action, topic, reason, userId: principal?.id });
        return;
      }
      case "refused":
        this.counts.refused += 1;
        this.#logger.warn("a connection was refused", {
          reason: event.reason,
          origin: event.origin,
        });
        return;
      case "slow":
        this.counts.slow += 1;
        this.#logger.info("a client reads too slowly", {
          connection: event.connection,
          pendingBytes: event.pendingBytes,
        });
        return;
      case "closed":
        this.counts.closed += 1;
        this.#logger.info("a connection was closed", {
          connection: event.connection,
          reason: event.reason,
        });
        return;
      case "gap":
        this.#logger.warn("clients may have missed messages", {
          topic: event.topic,
          reason: event.reason,
        });
        return;
      case "connected":
      case "disconnected":
        this.#logger.debug(`a client ${event.type}`, {
          connection: event.connection,
          userId: event.userId,
        });
    }
  }
}
