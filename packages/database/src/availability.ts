import type { Logger } from "@infra/interfaces";

/** How often it is said again that the database does not answer. */
const repeatMs = 10_000;

/** Keeps an eye on whether the database answers, and says so: once when it stops, now and then, once when it is back. */
export class Availability {
  readonly #logger: Logger;
  readonly #url: string;
  #failures = 0;
  #downSince = 0;
  #saidAt = 0;

  constructor(logger: Logger, url: string) {
    this.#logger = logger;
    this.#url = url;
  }

  /** Whether the last that was heard was an answer. */
  get up(): boolean {
    return this.#failures === 0;
  }

  failed(reason: string): void {
    const now = performance.now();
    this.#failures += 1;
    if (this.#failures === 1) this.#downSince = now;
    else if (now - this.#saidAt < repeatMs) return;
    this.#saidAt = now;
    this.#logger.warn("the database does not answer", {
      url: this.#url,
      reason,
      failures: this.#failures,
    });
  }

  succeeded(): void {
    if (this.#failures === 0) return;
    this.#logger.info("the database answers again", {
      url: this.#url,
      failures: this.#failures,
      downMs: Math.round(performance.now() - this.#downSince),
    });
    this.#failures = 0;
  }
}
