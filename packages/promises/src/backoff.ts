import { toMilliseconds, type Duration } from "@infra/interfaces";

/** How the waits between attempts grow. */
export interface BackoffOptions {
  /** The longest wait after the first failure. @default "100ms" */
  readonly initial?: Duration;
  /** What the longest wait is multiplied with after each further failure. @default 2 */
  readonly factor?: number;
  /** The longest wait of all. @default "30s" */
  readonly max?: Duration;
  /**
   * `full` takes any wait between nothing and the longest, so that callers who failed together do not come back
   * together; `none` takes the longest. @default "full"
   */
  readonly jitter?: "full" | "none";
}

/**
 * The wait before the next attempt, in milliseconds.
 *
 * @param failures - how many attempts have failed so far, from 1.
 * @param random - a number from 0 up to 1.
 * @throws RangeError when an option is out of range.
 */
export function backoffMs(
  failures: number,
  options: BackoffOptions = {},
  random: () => number = Math.random,
): number {
  const { initial = "100ms", factor = 2, max = "30s", jitter = "full" } = options;
  if (!(factor >= 1)) throw new RangeError(`backoff: factor must be >= 1, got ${String(factor)}`);
  const maxMs = toMilliseconds(max, "backoff: max");
  const initialMs = toMilliseconds(initial, "backoff: initial");
  // nothing stays nothing, also times infinity
  const ceiling = initialMs === 0 ? 0 : Math.min(maxMs, initialMs * factor ** (failures - 1));
  return jitter === "none" ? ceiling : ceiling * random();
}
