import type { Logger } from "@infra/interfaces";

/** The least time between two lines. */
const quietMs = 1_000;
/** How often it is said again that the database does not answer. */
const repeatMs = 10_000;

/**
 * Keeps an eye on whether the database answers, and says so in the log: when it stops, now and then, when it is back. However
 * many ask, and however often it comes and goes, that is one line a second at the most.
 */
export class Availability {
  readonly #logger: Logger;
  readonly #url: string;
  #up = true;
  #reason = "";
  #failures = 0;
  #downSince = 0;
  #said: "up" | "down" = "up";
  #saidAt = -Infinity;
  #later: NodeJS.Timeout | undefined;

  constructor(logger: Logger, url: string) {
    this.#logger = logger;
    this.#url = url;
  }

  /** Whether the last that was heard was an answer. */
  get up(): boolean {
    return this.#up;
  }

  failed(reason: string): void {
    if (this.#failures === 0) this.#downSince = performance.now();
    this.#failures += 1;
    this.#reason = reason;
    this.#up = false;
    this.#say();
  }

  succeeded(): void {
    if (this.#up) return;
    this.#up = true;
    this.#say();
  }

  #say(): void {
    const ago = performance.now() - this.#saidAt;
    const repeats = !this.#up && this.#said === "down" && ago >= repeatMs;
    if (this.#up === (this.#said === "up") && !repeats) return;
    if (ago < quietMs) {
      if (this.#later !== undefined) return;
      this.#later = setTimeout(() => {
        this.#later = undefined;
        this.#say();
      }, quietMs - ago);
      this.#later.unref();
      return;
    }
    this.#saidAt = performance.now();
    this.#said = this.#up ? "up" : "down";
    const meta = { url: this.#url, failures: this.#failures };
    if (this.#up) {
      const downMs = Math.round(performance.now() - this.#downSince);
      this.#failures = 0;
      this.#logger.info("the database answers again", { ...meta, downMs });
    } else {
      this.#logger.warn("the database does not answer", { ...meta, reason: this.#reason });
    }
  }
}
