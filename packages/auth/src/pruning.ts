import { toMilliseconds, type Clock, type Duration, type Logger } from "@infra/interfaces";

/** What {@link Pruning} works with. */
export interface PruningParts {
  /** Zero for never. */
  readonly every: Duration;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly prune: (options: { readonly signal: AbortSignal }) => Promise<unknown>;
}

/** Deletes what is over, again and again, never twice at once; keeps no process alive. */
export class Pruning {
  readonly #parts: PruningParts;
  readonly #everyMs: number;
  #cancel: (() => void) | undefined;
  #abort = new AbortController();
  #running: Promise<void> | undefined;

  /** @throws RangeError or TypeError when `every` is no duration. */
  constructor(parts: PruningParts) {
    this.#parts = parts;
    this.#everyMs = toMilliseconds(parts.every, "pruneEvery");
  }

  start(): void {
    if (this.#everyMs === 0 || this.#cancel) return;
    this.#abort = new AbortController();
    this.#wait();
  }

  /** Ends what runs; resolves when it has ended, or the signal is aborted. */
  async stop(signal?: AbortSignal): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#abort.abort();
    if (!this.#running || signal?.aborted) return;
    const over = new Promise<void>((resolve) => {
      signal?.addEventListener("abort", () => resolve(), { once: true });
    });
    await Promise.race([this.#running, over]);
  }

  #wait(): void {
    // processes that were started together do not come together
    const delayMs = this.#everyMs * (0.75 + Math.random() / 2);
    this.#cancel = this.#parts.clock.setTimeout(
      () => {
        this.#running = this.#run(this.#abort.signal);
      },
      delayMs,
      { unref: true },
    );
  }

  async #run(signal: AbortSignal): Promise<void> {
    try {
      await this.#parts.prune({ signal });
    } catch (error) {
      if (!signal.aborted) {
        this.#parts.logger.warn("sessions and tokens that are over can't be deleted", { error });
      }
    }
    if (!signal.aborted) this.#wait();
  }
}
