import { sleep } from "@infra/promises";

interface ChecksConnection {
  closing?: unknown;
  checkConnectionError(work: () => Promise<unknown>): Promise<unknown>;
}

const waitMs = 500;

/**
 * A worker, or the events of a queue, that goes on half a second after a failure. BullMQ waits for five seconds in which it
 * looks for no stalled job and hears of no event, and which keep the process alive though it was closed.
 */
export function soonAgain<T extends object>(instance: T, onError: (error: Error) => void): T {
  const checks = instance as T & ChecksConnection;
  checks.checkConnectionError = async (work) => {
    try {
      return await work();
    } catch (error) {
      onError(error as Error);
      if (!checks.closing) await sleep(waitMs, { unref: true });
      return undefined;
    }
  };
  return instance;
}
