import type { Readable } from "node:stream";

import type { Clock } from "@infra/interfaces";

/** Options of {@link unreadBody}. */
export interface UnreadBodyOptions {
  readonly clock: Clock;
  readonly unreadMs: number;
  /** Ends the reading. */
  readonly signal: AbortSignal | undefined;
}

/**
 * The body of an answer, whose connection is held only while somebody reads: one that is not begun to be read within
 * `unreadMs` is let go of, and asked for again when it is. A body that nobody reads would hold one of the client's few
 * connections for ever (https://github.com/aws/aws-sdk-js-v3/issues/6691).
 *
 * @param body the answer that there is already.
 * @param again asks once more.
 * @param failure what an error amounts to that comes while it is read; the reason of `signal` stays what it is.
 */
export function unreadBody(
  body: Readable,
  again: () => Promise<Readable>,
  failure: (error: unknown) => unknown,
  { clock, unreadMs, signal }: UnreadBodyOptions,
): AsyncIterable<Uint8Array> {
  let waiting: Readable | undefined = body;
  // an error before anybody reads is found again by who reads
  body.on("error", () => undefined);
  const cancel = clock.setTimeout(
    () => {
      waiting?.destroy();
      waiting = undefined;
    },
    unreadMs,
    { unref: true },
  );
  return (async function* () {
    cancel();
    const taken = waiting;
    waiting = undefined;
    if (signal?.aborted) {
      taken?.destroy();
      throw signal.reason;
    }
    const stream = taken && !taken.destroyed ? taken : await again();
    const stop = (): void => void stream.destroy(signal?.reason);
    signal?.addEventListener("abort", stop, { once: true });
    try {
      for await (const chunk of stream) yield chunk as Uint8Array;
    } catch (error) {
      throw signal?.aborted ? signal.reason : failure(error);
    } finally {
      signal?.removeEventListener("abort", stop);
      stream.destroy();
    }
  })();
}
