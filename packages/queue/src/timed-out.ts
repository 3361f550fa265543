import { OperationTimeoutError } from "./errors.js";

/** Makes the error of what took longer than it may. */
export function timedOut(what: string): (timeoutMs: number) => OperationTimeoutError {
  return (timeoutMs) =>
    new OperationTimeoutError(`${what} took longer than ${timeoutMs} ms (timeout)`, {
      details: { timeoutMs },
    });
}
