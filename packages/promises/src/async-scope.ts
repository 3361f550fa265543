import { linkSignals, type LinkedSignal } from "./link-signals.js";
import type { WaitOptions, Work } from "./work.js";

/**
 * Work that begins in a block and has ended when the block is left:
 *
 *     await using scope = new AsyncScope({ signal });
 *     scope.spawn(watchFiles);
 *     await scope.run(serve);
 *
 * Leaving the block aborts what is still under way and waits until it has stopped. Work that fails aborts the rest.
 */
export class AsyncScope implements AsyncDisposable {
  readonly #link: LinkedSignal;
  readonly #underWay = new Set<Promise<unknown>>();
  /** Of spawned work, which nobody else would hear of. */
  #failure: { readonly error: unknown } | undefined;
  #closed = false;

  /** @param options - a signal that aborts the work in the scope. */
  constructor(options: WaitOptions = {}) {
    this.#link = linkSignals(options.signal);
  }

  /** Aborts when the scope is left, when work in it has failed, or with the scope's own signal. */
  get signal(): AbortSignal {
    return this.#link.signal;
  }

  /** How much work is under way. */
  get size(): number {
    return this.#underWay.size;
  }

  /**
   * Runs work in the scope.
   *
   * @throws TypeError when the scope has been left; the signal's reason when it has aborted; what the work throws.
   */
  async run<T>(work: Work<T>): Promise<T> {
    this.#assertOpen();
    this.signal.throwIfAborted();
    return await this.#track(this.#begin(work));
  }

  /**
   * Begins work that nobody waits for; does nothing when the scope has aborted. Its failure comes out of `join`, or out
   * of leaving the scope.
   *
   * @throws TypeError when the scope has been left.
   */
  spawn(work: Work<unknown>): void {
    this.#assertOpen();
    if (!this.signal.aborted) void this.#track(this.#watch(work));
  }

  /**
   * Waits until all work has ended by itself, work that is begun meanwhile included.
   *
   * @throws the first failure of spawned work.
   */
  async join(): Promise<void> {
    await this.#ended();
    this.#surface();
  }

  /**
   * Aborts what is under way, and waits until it has stopped.
   *
   * @throws the first failure of spawned work that `join` has not thrown.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#link.abort(new DOMException("the scope was left", "AbortError"));
    await this.#ended();
    this.#surface();
  }

  #assertOpen(): void {
    if (this.#closed) throw new TypeError("AsyncScope: no work can begin after the scope was left");
  }

  async #begin<T>(work: Work<T>): Promise<T> {
    try {
      return await work(this.#link);
    } catch (error) {
      if (!this.signal.aborted) this.#link.abort(error);
      throw error;
    }
  }

  async #watch(work: Work<unknown>): Promise<void> {
    const { signal } = this;
    try {
      await work(this.#link);
    } catch (error) {
      // to stop when told to is no failure
      const told = signal.aborted && (error === signal.reason || isAbort(error));
      if (!told) this.#failure ??= { error };
      if (!signal.aborted) this.#link.abort(error);
    }
  }

  #track<T>(result: Promise<T>): Promise<T> {
    this.#underWay.add(result);
    const end = (): void => void this.#underWay.delete(result);
    result.then(end, end);
    return result;
  }

  async #ended(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  #surface(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure.error;
  }
}

function isAbort(error: unknown): boolean {
  return (error as { name?: unknown } | undefined)?.name === "AbortError";
}
