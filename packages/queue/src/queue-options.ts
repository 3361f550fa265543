import {
  toMilliseconds,
  type Clock,
  type Duration,
  type Logger,
  type QueueAddOptions,
} from "@infra/interfaces";
import { backoffMs, isRetryable, type BackoffOptions, type RetryBudget } from "@infra/promises";

import { queueConfig } from "./config.js";
import { wholeNumber, positive } from "./numbers.js";
import type { QueueJournal } from "./queue-journal.js";
import { toRateLimiter, type RateLimit } from "./rate-limit.js";
import type { RateLimiter } from "./rate-limiter.js";

/** What every queue can be told. */
export interface QueueOptions {
  /** How many operations run at once. @default 10; of a `BatchQueue` 1 */
  readonly concurrency?: number | undefined;
  /** How many operations of one key run at once; items without a key count as one more key. @default Infinity */
  readonly keyConcurrency?: number | undefined;
  /**
   * Shares the queue between keys: what a key gets, compared with others, is above 0; `true` gives all the same. Priorities
   * then count among items of one key only. @default no sharing: priority and time of arrival decide
   */
  readonly fairness?: true | ((key: string | undefined) => number) | undefined;
  /** How long an item waits until its priority counts one more, so that nothing waits for ever. @default never */
  readonly ageing?: Duration | undefined;
  /** How many operations, retries included, may begin in so much time. @default no limit */
  readonly rateLimit?: RateLimit | RateLimiter | undefined;
  /** How many items may wait, those for their next attempt included. @default 100_000 */
  readonly maxWaiting?: number | undefined;
  /**
   * What becomes of an item that finds as many waiting: it is refused, it waits for room, or the one that has waited longest
   * is dropped for it. @default "reject"
   */
  readonly whenFull?: "reject" | "block" | "drop-oldest" | undefined;
  /** How many may wait for room, with `whenFull: "block"`; more are refused. @default maxWaiting */
  readonly maxBlocked?: number | undefined;
  /** How long one attempt may take; its signal aborts then. @default as long as it takes */
  readonly timeout?: Duration | undefined;
  /** How often an operation is tried in all. An item holds no place among those that run while it waits for the next. @default 1 */
  readonly attempts?: number | undefined;
  /** The waits between attempts, to which an error's `retryAfterMs` is added. @default those of `retry` */
  readonly backoff?: BackoffOptions | undefined;
  /** Whether another attempt may help. @default isRetryable */
  readonly retryIf?: ((error: unknown, attempt: number) => boolean) | undefined;
  /** Bounds the retries of all who share it. */
  readonly retryBudget?: RetryBudget | undefined;
  /** How many items that failed for good are kept; the oldest goes first. 0 keeps none. @default 1_000 */
  readonly maxDeadLetters?: number | undefined;
  /** How long `stop()` waits for what was accepted, before it gives the rest up. @default "10s" */
  readonly stopTimeout?: Duration | undefined;
}

/** What a queue of items, unlike one of functions, can be told as well. */
export interface ItemQueueOptions<Item> extends QueueOptions {
  /** What makes two items the same: while one waits or runs, another joins it and gets its outcome. @default nothing */
  readonly dedupe?: ((item: Item) => unknown) | undefined;
  /** Until when an item may be joined. @default "settled" */
  readonly dedupeUntil?: "started" | "settled" | undefined;
  /** Keeps what was accepted until it is done, also when the process dies; the queue opens and closes it. @default none */
  readonly journal?: QueueJournal | undefined;
  /** Makes plain JSON of an item, for the journal. @default the item itself */
  readonly encode?: ((item: Item) => unknown) | undefined;
  /** Makes an item again of what `encode` made. */
  readonly decode?: ((value: unknown) => Item) | undefined;
}

/** Options of `add` and `enqueue`. */
export interface AddOptions extends QueueAddOptions {
  /** By which the item's priority can be changed while it waits. Unique among those that are not done. */
  readonly id?: string | undefined;
}

/** Collaborators of a queue. */
export interface QueueDependencies {
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
  /** A number from 0 to 1, for the waits between attempts. */
  readonly random?: (() => number) | undefined;
}

/** The options with every default filled in, durations in milliseconds. */
export interface ResolvedOptions<Item> {
  readonly name: string;
  readonly concurrency: number;
  readonly keyConcurrency: number;
  readonly weightOf: ((key: string | undefined) => number) | undefined;
  readonly ageingMs: number;
  readonly limiter: RateLimiter | undefined;
  readonly maxWaiting: number;
  readonly whenFull: "reject" | "block" | "drop-oldest";
  readonly maxBlocked: number;
  readonly timeoutMs: number;
  readonly attempts: number;
  readonly backoff: BackoffOptions;
  readonly maxBackoffMs: number;
  readonly retryIf: (error: unknown, attempt: number) => boolean;
  readonly retryBudget: RetryBudget | undefined;
  readonly maxDeadLetters: number;
  readonly stopTimeoutMs: number;
  readonly dedupe: ((item: Item) => unknown) | undefined;
  readonly dedupeUntil: "started" | "settled";
  readonly journal: QueueJournal | undefined;
  readonly encode: ((item: Item) => unknown) | undefined;
  readonly decode: ((value: unknown) => Item) | undefined;
}

const whenFulls = ["reject", "block", "drop-oldest"] as const;
const dedupeUntils = ["started", "settled"] as const;

/**
 * Fills in the defaults and refuses what can't be.
 *
 * @param name - of the class, for the messages.
 * @throws RangeError or TypeError naming the option, what was expected and what was received.
 */
export function resolveOptions<Item>(
  name: string,
  options: ItemQueueOptions<Item>,
  { concurrency }: { readonly concurrency: number },
): ResolvedOptions<Item> {
  const defaults = queueConfig.defaults();
  const { backoff = {}, fairness } = options;
  const whole = (key: "attempts" | "maxWaiting", least: number): number =>
    wholeNumber(options[key] ?? defaults[key], `${name}: ${key}`, least);
  const maxWaiting = whole("maxWaiting", 1);
  // what can't be would be found out at the first failure
  backoffMs(1, backoff);
  return {
    name,
    concurrency: wholeNumber(options.concurrency ?? concurrency, `${name}: concurrency`, 1),
    keyConcurrency: wholeNumber(options.keyConcurrency ?? Infinity, `${name}: keyConcurrency`, 1),
    weightOf: fairness === true ? () => 1 : functionOf(fairness, `${name}: fairness`),
    ageingMs: positive(
      toMilliseconds(options.ageing ?? Infinity, `${name}: ageing`),
      `${name}: ageing`,
    ),
    limiter: toRateLimiter(options.rateLimit),
    maxWaiting,
    whenFull: oneOf(whenFulls, options.whenFull ?? defaults.whenFull, `${name}: whenFull`),
    maxBlocked: wholeNumber(options.maxBlocked ?? maxWaiting, `${name}: maxBlocked`, 0),
    timeoutMs: positive(
      toMilliseconds(options.timeout ?? Infinity, `${name}: timeout`),
      `${name}: timeout`,
    ),
    attempts: whole("attempts", 1),
    backoff,
    maxBackoffMs: toMilliseconds(backoff.max ?? "30s", `${name}: backoff.max`),
    retryIf: functionOf(options.retryIf, `${name}: retryIf`) ?? isRetryable,
    retryBudget: options.retryBudget,
    maxDeadLetters: wholeNumber(options.maxDeadLetters ?? 1000, `${name}: maxDeadLetters`, 0),
    stopTimeoutMs: toMilliseconds(
      options.stopTimeout ?? defaults.stopTimeout,
      `${name}: stopTimeout`,
    ),
    dedupe: functionOf(options.dedupe, `${name}: dedupe`),
    dedupeUntil: oneOf(dedupeUntils, options.dedupeUntil ?? "settled", `${name}: dedupeUntil`),
    journal: options.journal,
    encode: functionOf(options.encode, `${name}: encode`),
    decode: functionOf(options.decode, `${name}: decode`),
  };
}

/** @throws TypeError naming the option when it is there and no function. */
function functionOf<F extends (...args: never[]) => unknown>(
  value: F | undefined,
  name: string,
): F | undefined {
  if (value === undefined || typeof value === "function") return value;
  throw new TypeError(`${name} must be a function, got ${typeof value}`);
}

/** @throws TypeError naming the option when it is no function. */
export function requiredFunction<F extends (...args: never[]) => unknown>(
  value: F,
  name: string,
): F {
  const given = functionOf(value as F | undefined, name);
  if (given) return given;
  throw new TypeError(`${name} must be a function, got undefined`);
}

function oneOf<const T extends string>(values: readonly T[], value: string, name: string): T {
  const found = values.find((each) => each === value);
  if (found !== undefined) return found;
  throw new RangeError(`${name} must be one of ${values.join(", ")}; got ${value}`);
}
