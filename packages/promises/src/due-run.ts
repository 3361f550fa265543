import { deferred, type Deferred } from "./deferred.js";

/** One run that is due, and everybody who waits for it. */
export class DueRun<A extends readonly unknown[], R> {
  readonly #fn: (...args: A) => R | PromiseLike<R>;
  readonly #onEnd: () => void;
  readonly #result: Deferred<R> = deferred<R>();
  #args: A | undefined;
  #stopTimer: (() => void) | undefined;

  constructor(fn: (...args: A) => R | PromiseLike<R>, onEnd: () => void) {
    this.#fn = fn;
    this.#onEnd = onEnd;
  }

  get promise(): Promise<R> {
    return this.#result.promise;
  }

  /** Takes the arguments of the latest call; a new timer takes the place of the last one. */
  putOff(args: A, stopTimer?: () => void): void {
    this.#args = args;
    if (!stopTimer) return;
    this.#stopTimer?.();
    this.#stopTimer = stopTimer;
  }

  run(): void {
    this.#end();
    this.#result.resolve(this.#call());
  }

  cancel(): void {
    this.#end();
    // whoever calls and forgets, as one does with what is put off, is not to end the process by that
    this.promise.catch(() => {});
    this.#result.reject(new DOMException("the call was called off", "AbortError"));
  }

  #end(): void {
    this.#stopTimer?.();
    this.#onEnd();
  }

  async #call(): Promise<R> {
    return await this.#fn(...this.#args!);
  }
}
