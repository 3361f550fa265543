import { TooLargeError } from "./errors.js";

/** What can be written: text (as UTF-8), bytes, or chunks of either as they come, such as a stream. */
export type FileContent =
  | string
  | Uint8Array
  | Iterable<string | Uint8Array>
  | AsyncIterable<string | Uint8Array>;

/**
 * Content as chunks of bytes. When the signal aborts, a wait for the next chunk ends, and the source is told to stop: a
 * stream is destroyed, an iterator returned.
 */
export async function* toChunks(
  content: FileContent,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  signal?.throwIfAborted();
  if (typeof content === "string" || content instanceof Uint8Array) {
    yield toBytes(content);
    return;
  }
  const iterator =
    Symbol.asyncIterator in content ? content[Symbol.asyncIterator]() : content[Symbol.iterator]();
  const next = nextOf(iterator, signal);
  let done = false;
  try {
    for (;;) {
      const result = await next();
      if (result.done) {
        done = true;
        return;
      }
      yield toBytes(result.value);
    }
  } finally {
    next.release();
    if (!done) stop(content, iterator, signal);
  }
}

/**
 * All chunks as one.
 *
 * @throws TooLargeError as soon as there are more than `maxBytes`.
 */
export async function collect(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
  path: string,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    length += chunk.length;
    if (length > maxBytes) {
      throw new TooLargeError(`read ${path}: more than ${maxBytes} bytes (maxSize)`, {
        details: { path, maxBytes },
        publicMessage: `The file is larger than ${maxBytes} bytes.`,
      });
    }
    parts.push(chunk);
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function toBytes(chunk: unknown): Uint8Array {
  if (typeof chunk === "string") return Buffer.from(chunk, "utf8");
  if (ArrayBuffer.isView(chunk)) {
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  throw new TypeError(`content must be made of strings and Uint8Arrays; got ${typeof chunk}`);
}

/** A stream that waits for data can't be returned, only destroyed; nobody can be made to wait for that. */
function stop(
  content: object,
  iterator: Iterator<unknown> | AsyncIterator<unknown>,
  signal: AbortSignal | undefined,
): void {
  if ("destroy" in content && typeof content.destroy === "function") {
    content.destroy(signal?.aborted ? signal.reason : undefined);
    return;
  }
  Promise.resolve(iterator.return?.()).catch(() => undefined);
}

/** Asks for one chunk after the other; a wait ends with the signal. One listener does for all of them. */
function nextOf(
  iterator: Iterator<unknown> | AsyncIterator<unknown>,
  signal: AbortSignal | undefined,
): { (): Promise<IteratorResult<unknown>>; release(): void } {
  if (!signal) {
    return Object.assign(async () => iterator.next(), { release: () => undefined });
  }
  let giveUp: ((reason: unknown) => void) | undefined;
  const abort = (): void => giveUp?.(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  const next = (): Promise<IteratorResult<unknown>> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) throw signal.reason;
      giveUp = reject;
      Promise.resolve(iterator.next()).then(resolve, reject);
    });
  return Object.assign(next, { release: () => signal.removeEventListener("abort", abort) });
}
