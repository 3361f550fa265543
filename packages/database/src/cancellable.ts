import type { Cancellation } from "./driver.js";
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
 * to end it; what runs on all the same is left behind.
 */
export function runCancellable<T>(
  run: () => Promise<T>,
  control: StatementControl,
  cancel: () => Promise<Cancellation>,
): Promise<T> {
  const { signal, timeoutMs = Infinity } = control;
  if (signal?.aborted) return Promise.reject(cancelled(signal));
  return new Promise<T>((resolve, reject) => {
    let givenUp: { readonly error: Error; readonly cancelling: Promise<boolean> } | undefined;
    let grace: NodeJS.Timeout | undefined;
    /** Resolves with whether a result that comes all the same is worth something. */
    const cancelOrLeave = async (reason: Error): Promise<boolean> => {
      grace = setTimeout(() => reject(reason), graceMs);
      // who can't be told to stop is left behind as well
      const outcome = await cancel().catch((): Cancellation => "runs on");
      if (outcome === "runs on") reject(reason);
      return outcome === "fails";
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
      const believed = (await givenUp?.cancelling) ?? true;
      clearTimeout(grace);
      if (believed) outcome();
      else reject(givenUp!.error);
    };
    run().then(
      (value) => settle(() => resolve(value)),
      (error: Error) => settle(() => reject(givenUp?.error ?? error)),
    );
  });
}
