import { systemClock, toMilliseconds, type Clock, type Duration } from "@infra/interfaces";

import { SingleFlight } from "./single-flight.js";
import { wholeNumber } from "./whole-number.js";
import type { WaitOptions, WorkContext } from "./work.js";

/** Options of {@link memoise}. */
export interface MemoiseOptions<A> {
  /** How long a result is good. @default Infinity */
  readonly ttl?: Duration;
  /** How many results are kept; the oldest goes first. @default 1000 */
  readonly max?: number;
  /** What tells arguments apart. @default the argument itself */
  readonly key?: (argument: A) => unknown;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
}

/** A function that remembers. */
export interface Memoised<A, T> {
  /** @throws what the function throws, which is not remembered; the signal's reason when it aborts. */
  (argument: A, options?: WaitOptions): Promise<T>;
  /** Forgets the result for one argument. */
  readonly forget: (argument: A) => void;
  /** Forgets all results. */
  readonly clear: () => void;
}

interface Kept<T> {
  readonly value: T;
  readonly goodUntil: number;
}

/**
 * A function that works once per argument: calls at the same time share the work, later ones get the result until it is
 * too old. Failures are not remembered. Each caller may leave by its own signal.
 *
 * @throws RangeError when an option is out of range.
 */
export function memoise<A, T>(
  fn: (argument: A, context: WorkContext) => T | PromiseLike<T>,
  options: MemoiseOptions<A> = {},
): Memoised<A, T> {
  const { clock = systemClock, key = (argument: A): unknown => argument } = options;
  const ttlMs = toMilliseconds(options.ttl ?? Infinity, "memoise: ttl");
  const max = wholeNumber(options.max ?? 1000, "memoise: max");
  const flights = new SingleFlight<unknown, T>();
  const kept = new Map<unknown, Kept<T>>();
  /** The work whose result is to be kept; what was forgotten meanwhile is not. */
  const wanted = new Map<unknown, object>();

  function keep(at: unknown, value: T): void {
    kept.delete(at);
    if (kept.size >= max) kept.delete(kept.keys().next().value);
    kept.set(at, { value, goodUntil: clock.monotonic() + ttlMs });
  }

  async function memoised(argument: A, wait?: WaitOptions): Promise<T> {
    wait?.signal?.throwIfAborted();
    const at = key(argument);
    const found = kept.get(at);
    if (found && clock.monotonic() < found.goodUntil) return found.value;
    return await flights.run(
      at,
      async (context) => {
        wanted.set(at, context);
        try {
          const value = await fn(argument, context);
          if (wanted.get(at) === context) keep(at, value);
          return value;
        } finally {
          if (wanted.get(at) === context) wanted.delete(at);
        }
      },
      wait,
    );
  }

  function forget(at: unknown): void {
    kept.delete(at);
    wanted.delete(at);
    flights.forget(at);
  }

  return Object.assign(memoised, {
    forget: (argument: A): void => forget(key(argument)),
    clear: (): void => [...kept.keys(), ...wanted.keys()].forEach(forget),
  });
}
