import { LRUCache } from "lru-cache";

interface Failure {
  readonly attempts: number;
  readonly untilMs: number;
}

const longestMs = 60_000;

/** Which loaders failed lately, and until when they are left alone. */
export class FailedLoads {
  readonly #initialMs: number;
  readonly #failures = new LRUCache<string, Failure>({ max: 10_000 });

  constructor(initialMs: number) {
    this.#initialMs = initialMs;
  }

  /** Whether the loader of a key should not be called now, if there is anything else to serve. */
  rests(key: string, nowMs: number): boolean {
    return this.#failures.size > 0 && (this.#failures.get(key)?.untilMs ?? 0) > nowMs;
  }

  failed(key: string, nowMs: number): void {
    const attempts = (this.#failures.get(key)?.attempts ?? 0) + 1;
    const restMs = Math.min(this.#initialMs * 2 ** (attempts - 1), longestMs);
    this.#failures.set(key, { attempts, untilMs: nowMs + restMs });
  }

  succeeded(key: string): void {
    if (this.#failures.size > 0) this.#failures.delete(key);
  }
}
