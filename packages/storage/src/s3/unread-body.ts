import type { Readable } from "node:stream";

import type { Clock } from "@infra/interfaces";

/**
 * The body of an answer, whose connection is held only while somebody reads: one that is not begun to be read within
 * `unreadMs` is let go of, and asked for again when it is. A body that nobody reads would hold one of the client's few
 * connections for ever (https://github.com/aws/aws-sdk-js-v3/issues/6691).
 *
 * @param body the answer that there is already.
 * @param again asks once more.
 */
export function unreadBody(
  body: Readable,
  again: () => Promise<Readable>,
  clock: Clock,
  unreadMs: number,
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
    const stream = taken && !taken.destroyed ? taken : await again();
    try {
      yield* stream;
    } finally {
      stream.destroy();
    }
  })();
}
