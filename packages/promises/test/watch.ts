import { getEventListeners } from "node:events";

/** How many listeners hang on a signal. */
export function listenersOf(signal: AbortSignal): number {
  return getEventListeners(signal, "abort").length;
}

/** Gives the process time to report rejections that nobody handled: Jest fails the test that runs then. */
export async function surfaceRejections(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => void setImmediate(resolve));
}

/** Work that hangs until it is told to stop, and then fails late. */
export function hangs({ signal }: { readonly signal: AbortSignal }): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => setImmediate(() => reject(new Error("stopped late"))));
  });
}
