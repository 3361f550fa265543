import { toChunks } from "@infra/files";
import type { FileContent } from "@infra/interfaces";

/** What {@link IncomingChunks} is held against. Both throw when it is not as it should be. */
export interface IncomingCheck {
  /** Called with how much there has been, with each chunk. */
  readonly passing: (passedBytes: number) => void;
  /** Called with how much there was, at the end. */
  readonly ended: (passedBytes: number) => void;
}

/**
 * The chunks of content on its way in: counted, and held against what is known of it as they go by. A wait for the next one
 * ends with the signal that the content was opened with. By hand, not a generator: each of those costs every chunk.
 */
export class IncomingChunks implements AsyncIterableIterator<Uint8Array> {
  readonly #seen: Uint8Array[];
  readonly #rest: AsyncGenerator<Uint8Array>;
  readonly #check: IncomingCheck;
  #passedBytes = 0;

  /** @param seen the first chunks, which have been read from `rest` already. */
  constructor(seen: readonly Uint8Array[], rest: AsyncGenerator<Uint8Array>, check: IncomingCheck) {
    this.#seen = [...seen];
    this.#rest = rest;
    this.#check = check;
  }

  /** How much of it has gone by. */
  get passedBytes(): number {
    return this.#passedBytes;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    const seen = this.#seen.shift();
    const result = seen ? { done: false as const, value: seen } : await this.#rest.next();
    if (result.done) {
      this.#check.ended(this.#passedBytes);
      return result;
    }
    this.#passedBytes += result.value.length;
    this.#check.passing(this.#passedBytes);
    return result;
  }

  /** Lets go of the source, when nobody will read it to its end. */
  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#seen.length = 0;
    return this.#rest.return(undefined);
  }
}

/** Content as chunks of bytes, whose waits end with the signal: with those of content on its way in they do already. */
export function chunksOf(content: FileContent, signal?: AbortSignal): AsyncIterable<Uint8Array> {
  return content instanceof IncomingChunks ? content : toChunks(content, signal);
}
