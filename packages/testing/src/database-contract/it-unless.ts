import * as runner from "../runner.js";

/** A test that is skipped, visibly, for a reason; without one it is a test. */
export function itUnless(
  reason: string | undefined,
  title: string,
  body: () => Promise<void>,
  timeoutMs?: number,
): void {
  if (reason === undefined) runner.it(title, body, timeoutMs);
  else runner.it.skip(`${title} (skipped: ${reason})`, body);
}
