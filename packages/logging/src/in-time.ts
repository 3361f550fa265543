import type { Clock } from "@infra/interfaces";

/** Resolves when all of the work has ended, or the time is over, or the signal is aborted; never rejects. */
export async function inTime(
  work: readonly Promise<void>[],
  clock: Clock,
  limitMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (signal?.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.setTimeout(done, limitMs);
    signal?.addEventListener("abort", done);
    void Promise.allSettled(work).finally(() => done());
  });
}
