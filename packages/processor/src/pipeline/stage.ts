import { Readable, type Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";

/** What a stage is told besides its items. */
export interface StageContext {
  /** Aborted when nobody wants the results any more, or another stage has failed. */
  readonly signal: AbortSignal;
  /** The path of a file that does not exist yet, and is removed when the pipeline ends. @default name: "file" */
  tempFile(name?: string): Promise<string>;
  /** A new directory, removed with all it holds when the pipeline ends. */
  tempDirectory(): Promise<string>;
}

/**
 * A step of a {@link Pipeline}: takes items as it wants them, gives others. An async generator is one. It asks for the next
 * item when it is asked for one itself, so nothing piles up.
 */
export type Stage<In, Out> = (
  items: AsyncIterable<In>,
  context: StageContext,
) => AsyncIterable<Out>;

/**
 * A Node.js stream as a stage: `streamStage(() => createGzip())`. It is made anew for each run, and destroyed when the run
 * ends early.
 */
export function streamStage<In, Out>(make: () => Duplex): Stage<In, Out> {
  return (items, { signal }) => throughStream<Out>(items, make(), signal);
}

/** What comes out of a stream that is fed with items; leaving early destroys it and lets go of the items. */
export async function* throughStream<Out>(
  items: AsyncIterable<unknown> | Iterable<unknown>,
  duplex: Duplex,
  signal?: AbortSignal,
): AsyncGenerator<Out, void, undefined> {
  const feeding = pipeline(Readable.from(items), duplex, { ...(signal && { signal }) });
  // an error of the items destroys the stream with itself, and so reaches the loop below
  feeding.catch(() => {});
  try {
    for await (const item of duplex) yield item as Out;
    await feeding;
  } finally {
    duplex.destroy();
  }
}
