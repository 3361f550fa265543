import type { WaitOptions } from "./work.js";

/**
 * Waits for a promise until `signal` aborts, then rejects with the signal's reason. What the promise stands for goes on:
 * where the work can be told to stop, tell it. A rejection that comes later is nobody's concern, and counts as handled.
 */
export async function abortable<T>(promise: PromiseLike<T>, options: WaitOptions = {}): Promise<T> {
  const { signal } = options;
  if (!signal) return await promise;
  let onAbort!: () => void;
  try {
    return await new Promise<T>((resolve, reject) => {
      onAbort = () => reject(signal.reason);
      if (signal.aborted) onAbort();
      else signal.addEventListener("abort", onAbort);
      promise.then(resolve, reject);
    });
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
