import { InfraError } from "@infra/errors";
import type { Clock } from "@infra/interfaces";
import { sleep, withTimeout } from "@infra/promises";

import { JobsEngineError } from "./errors.js";

/** How a call of the engine is bounded. */
export interface EngineCall {
  readonly operation: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** It may be asked twice: what fails for want of a connection is tried again until the time is over. */
  readonly repeatable?: boolean;
}

const firstWaitMs = 50;
const longestWaitMs = 500;

/**
 * Asks the engine, for so long.
 *
 * @throws JobsEngineError (`ERR_JOBS_ENGINE`) when it fails or takes longer; the signal's reason when that aborts.
 */
export async function callEngine<T>(
  work: (signal: AbortSignal | undefined) => Promise<T>,
  call: EngineCall,
): Promise<T> {
  const { operation, clock, signal, repeatable = false } = call;
  let { timeoutMs } = call;
  let last: unknown;
  try {
    if (!signal) {
      // nearly all calls: without a signal, which costs as much as what it guards
      const startedAtMs = clock.monotonic();
      try {
        return await inTime(work(undefined), call);
      } catch (error) {
        if (!repeatable || !isConnectionError(error)) throw error;
        last = error;
        timeoutMs = Math.max(1, timeoutMs - (clock.monotonic() - startedAtMs));
      }
    }
    return await withTimeout(
      async ({ signal: inner }) => {
        for (let failures = 1; ; failures += 1) {
          try {
            return await work(inner);
          } catch (error) {
            if (!repeatable || inner.aborted || !isConnectionError(error)) throw error;
            last = error;
            const waitMs = Math.min(firstWaitMs * 2 ** (failures - 1), longestWaitMs);
            await sleep(waitMs, { signal: inner, clock });
          }
        }
      },
      {
        timeout: timeoutMs,
        clock,
        signal,
        error: () => tooLate(call, last),
      },
    );
  } catch (cause) {
    if (signal?.aborted || InfraError.is(cause) || isMistake(cause)) throw cause;
    throw new JobsEngineError(`${operation}: the engine failed: ${(cause as Error).message}`, {
      details: { operation },
      cause,
    });
  }
}

function tooLate({ operation, timeoutMs }: EngineCall, cause?: unknown): JobsEngineError {
  return new JobsEngineError(
    `${operation}: the engine did not answer within ${timeoutMs} ms; whether it was done is unknown`,
    { details: { operation }, cause },
  );
}

function inTime<T>(answer: Promise<T>, call: EngineCall): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = call.clock.setTimeout(() => reject(tooLate(call)), call.timeoutMs);
    const answered = (): void => {
      stop();
      resolve(answer);
    };
    answer.then(answered, answered);
  });
}

const codes = /^(?:ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_AGAIN|08|57P0)/;
const words =
  /connection (?:is closed|terminated|ended|timeout)|socket (?:closed|timeout)|client (?:is closed|is offline)|timeout exceeded when trying to connect|LOADING|READONLY/i;

/** Whether a failure is that of the way to the engine, and may be over soon. */
export function isConnectionError(error: unknown): boolean {
  if (typeof error !== "object" || error === null || InfraError.is(error)) return false;
  const { code, message = "" } = error as { code?: unknown; message?: string };
  return (typeof code === "string" && codes.test(code)) || words.test(message);
}

function isMistake(error: unknown): boolean {
  const name = (error as { name?: unknown } | null)?.name;
  return name === "TypeError" || name === "RangeError";
}
