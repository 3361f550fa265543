import { InfraError } from "@infra/errors";

/** How {@link connectWithRetry} goes about it. */
export interface RetryOptions {
  readonly budgetMs: number;
  readonly signal: AbortSignal;
}

/** Why connecting was given up. */
export interface ConnectFailure {
  readonly attempts: number;
  readonly cause: unknown;
}

const firstPauseMs = 100;
const longestPauseMs = 1_000;

/**
 * Tries to connect until it works, the budget is used up, the signal is aborted, or an error says that trying again is
 * of no use. Pauses grow from 0.1 s to 1 s. Resolves with the failure, or `undefined` when connected.
 */
export async function connectWithRetry(
  connect: () => Promise<void>,
  { budgetMs, signal }: RetryOptions,
): Promise<ConnectFailure | undefined> {
  const endsAt = performance.now() + budgetMs;
  for (let attempts = 1; ; attempts += 1) {
    try {
      await connect();
      return undefined;
    } catch (cause) {
      const pauseMs = Math.min(firstPauseMs * 2 ** (attempts - 1), longestPauseMs);
      const hopeless = !(InfraError.is(cause) && cause.retryable);
      if (hopeless || signal.aborted || performance.now() + pauseMs > endsAt) {
        return { attempts, cause };
      }
      await pause(pauseMs, signal);
    }
  }
}

/** Waits; ends early, without an error, when the signal is aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
  });
}
