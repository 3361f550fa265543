const maxTimerMs = 2_147_483_647;

/**
 * A signal that is aborted with another one, after a time, or by hand, whichever comes first. (Node.js 20 may collect
 * an `AbortSignal.timeout()` that only `AbortSignal.any()` knows of, and then it never fires.)
 */
export class Limit implements Disposable {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #onAbort = (): void => this.abort(this.#outer?.reason);

  constructor(outer?: AbortSignal, timeoutMs = Infinity) {
    this.#outer = outer;
    if (timeoutMs <= maxTimerMs) this.#timer = setTimeout(() => this.abort(), timeoutMs);
    if (outer?.aborted) this.#onAbort();
    else outer?.addEventListener("abort", this.#onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason?: unknown): void {
    this.#controller.abort(reason);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener("abort", this.#onAbort);
  }
}
