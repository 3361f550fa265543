/** What is kept of a stream that is being read. */
export interface StreamTracking {
  /** Aborts when it is not waited for any longer. */
  readonly givenUp: AbortSignal;
  passed(bytes: number): void;
  /** Called once. */
  ended(failed: boolean): void;
}

/** A stream that is known of from its first chunk to its last. By hand, not a generator: each of those costs every chunk. */
export class TrackedStream implements AsyncIterableIterator<Uint8Array> {
  readonly #stream: AsyncIterator<Uint8Array>;
  readonly #begin: () => StreamTracking;
  #tracking: StreamTracking | undefined;
  #isOver = false;

  /** @param begin called when somebody begins to read; what it throws is what they get. */
  constructor(stream: AsyncIterable<Uint8Array>, begin: () => StreamTracking) {
    this.#stream = stream[Symbol.asyncIterator]();
    this.#begin = begin;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#isOver) return { done: true, value: undefined };
    const tracking = (this.#tracking ??= this.#begin());
    let result: IteratorResult<Uint8Array>;
    try {
      result = await this.#stream.next();
    } catch (error) {
      this.#end(true);
      throw error;
    }
    if (result.done) {
      this.#end(false);
    } else if (tracking.givenUp.aborted) {
      await this.#close(true);
      throw tracking.givenUp.reason;
    } else {
      tracking.passed(result.value.length);
    }
    return result;
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    await this.#close(false);
    return { done: true, value: undefined };
  }

  async #close(failed: boolean): Promise<void> {
    if (this.#isOver) return;
    try {
      await this.#stream.return?.();
    } finally {
      this.#end(failed);
    }
  }

  #end(failed: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#tracking?.ended(failed);
  }
}
