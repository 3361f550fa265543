/** What a codec is told; the context of a pipeline's stage fits. */
export interface CodecContext {
  readonly signal?: AbortSignal | undefined;
}

/**
 * A codec: a stage of a pipeline, which also works by itself: `for await (const row of parseCsv()(chunks))`. Leaving the
 * loop early lets go of the chunks.
 */
export type Codec<In, Out> = (
  chunks: Iterable<In> | AsyncIterable<In>,
  context?: CodecContext,
) => AsyncGenerator<Out, void, undefined>;

/** Chunks that end with the signal. */
export async function* untilAborted<T>(
  chunks: Iterable<T> | AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void, undefined> {
  signal?.throwIfAborted();
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    yield chunk;
  }
}
