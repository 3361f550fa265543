import { CancelledError, QueryTimeoutError } from "./errors.js";

/** What may end a statement before it is done. */
export interface StatementControl {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

/** How long a server may take to be told and to act before the connection is given up. */
const graceMs = 2_000;

const maxTimerMs = 2_147_483_647;

/** The error that an aborted signal amounts to. */
export function cancelled(signal: AbortSignal): Error {
  return new CancelledError("cancelled: the signal was aborted", { cause: signal.reason });
}

/**
 * Runs something that can be cancelled on the server. When the signal is aborted or the time is over, `cancel` is asked
 * to end it: `true` means that it will fail by itself soon; with `false`, or when it does not, it is left behind.
 */
export function runCancellable<T>(
  run: () => Promise<T>,
  control: StatementControl,
  cancel: () => Promise<boolean>,
): Promise<T> {
  const { signal, timeoutMs = Infinity } = control;
  if (signal?.aborted) return Promise.reject(cancelled(signal));
  return new Promise<T>((resolve, reject) => {
    let givenUp: { readonly error: Error; readonly cancelling: Promise<void> } | undefined;
    let grace: NodeJS.Timeout | undefined;
    const cancelOrLeave = async (reason: Error): Promise<void> => {
      grace = setTimeout(() => reject(reason), graceMs);
      try {
        if (await cancel()) return;
      } catch {
        // who can't be told to stop is left behind as well
      }
      reject(reason);
    };
    const giveUp = (error: Error): void => {
      givenUp ??= { error, cancelling: cancelOrLeave(error) };
    };
    const onAbort = (): void => giveUp(cancelled(signal!));
    const onTimeout = (): void =>
      giveUp(new QueryTimeoutError(`cancelled: took longer than ${Math.ceil(timeoutMs)} ms`));
    const timer = timeoutMs <= maxTimerMs ? setTimeout(onTimeout, timeoutMs) : undefined;
    signal?.addEventListener("abort", onAbort, { once: true });
    const settle = async (outcome: () => void): Promise<void> => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      // a cancellation on its way must not hit the next statement of the connection
      await givenUp?.cancelling;
      clearTimeout(grace);
      outcome();
    };
    run().then(
      (value) => settle(() => resolve(value)),
      (error: Error) => settle(() => reject(givenUp?.error ?? error)),
    );
  });
}
