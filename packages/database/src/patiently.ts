import { pause } from "./connect-with-retry.js";

const longestPauseMs = 50;

/** Tries again while another process is in the way, for so long at the most. The event loop goes on meanwhile. */
export async function patiently<T>(
  run: () => Promise<T>,
  isBusy: (error: unknown) => boolean,
  forMs: number,
): Promise<T> {
  const endsAt = performance.now() + forMs;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (!isBusy(error) || performance.now() >= endsAt) throw error;
      await pause(Math.random() * Math.min(2 ** attempt, longestPauseMs));
    }
  }
}
