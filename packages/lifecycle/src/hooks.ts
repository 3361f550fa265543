import { inspect } from "node:util";

import {
  toMilliseconds,
  type Duration,
  type StartContext,
  type StopContext,
} from "@infra/interfaces";

import { DuplicateNameError } from "./errors.js";

/** What a startup hook does; the signal is aborted when its time is over or the start is called off. */
export type StartupHook = (context: StartContext) => unknown;

/** What a shutdown hook does; the signal is aborted when the time of the shutdown is nearly over. */
export type ShutdownHook = (context: StopContext) => unknown;

/** Options of `registerStartupHook`. */
export interface StartupHookOptions {
  /** How long one attempt may take. @default the lifecycle's `hookTimeout` */
  readonly timeout?: Duration;
  /** Whether the application can't do without it; if not, a failure only degrades it. @default true */
  readonly critical?: boolean;
  /** How often a failed attempt is repeated. @default 0 */
  readonly retries?: number;
  /** The pause before the first repetition; each further one is twice as long. @default "250ms" */
  readonly backoff?: Duration;
  /** The names of services and hooks that have to wait for this one. */
  readonly before?: readonly string[];
}

/** Options of `registerShutdownHook`. */
export interface ShutdownHookOptions {
  /**
   * How long it may take: its signal is aborted at four fifths of it, and at the end it is waited for no longer.
   * @default what the shutdown has
   */
  readonly timeout?: Duration;
}

interface Hook<F> {
  readonly name: string;
  readonly run: F;
  readonly after: readonly string[];
}

/** A shutdown hook as it was registered, its time in milliseconds. */
export interface RegisteredShutdownHook extends Hook<ShutdownHook> {
  readonly timeoutMs: number | undefined;
}

/** A startup hook as it was registered, durations in milliseconds. */
export interface RegisteredStartupHook extends Hook<StartupHook> {
  readonly before: readonly string[];
  readonly critical: boolean;
  readonly retries: number;
  readonly backoffMs: number;
  readonly timeoutMs: number | undefined;
}

/** @throws TypeError, RangeError that name the argument; DuplicateNameError */
export function startupHook(
  known: readonly { readonly name: string }[],
  name: string,
  run: StartupHook,
  deps: readonly string[],
  options: StartupHookOptions,
): RegisteredStartupHook {
  const { retries = 0, backoff = "250ms", timeout, critical = true, before = [] } = options;
  if (!Number.isInteger(retries) || retries < 0) {
    throw new RangeError(
      `registerStartupHook: retries of ${name} must be a whole number from 0, got ${inspect(retries)}`,
    );
  }
  return {
    ...hook("registerStartupHook", known, name, run, deps),
    before,
    critical,
    retries,
    backoffMs: toMilliseconds(backoff, `registerStartupHook: backoff of ${name}`),
    timeoutMs: limit(timeout, `registerStartupHook: timeout of ${name}`),
  };
}

/** @throws TypeError, RangeError that name the argument; DuplicateNameError */
export function shutdownHook(
  known: readonly { readonly name: string }[],
  name: string,
  run: ShutdownHook,
  deps: readonly string[],
  { timeout }: ShutdownHookOptions,
): RegisteredShutdownHook {
  return {
    ...hook("registerShutdownHook", known, name, run, deps),
    timeoutMs: limit(timeout, `registerShutdownHook: timeout of ${name}`),
  };
}

function hook<F>(
  method: string,
  known: readonly { readonly name: string }[],
  name: string,
  run: F,
  after: readonly string[],
): Hook<F> {
  if (typeof name !== "string" || name === "") {
    throw new TypeError(`${method}: name must be a non-empty string, got ${inspect(name)}`);
  }
  if (typeof run !== "function") {
    throw new TypeError(`${method}: fn of ${name} must be a function, got ${inspect(run)}`);
  }
  if (!Array.isArray(after) || after.some((one) => typeof one !== "string")) {
    throw new TypeError(`${method}: deps of ${name} must be names, got ${inspect(after)}`);
  }
  if (known.some((other) => other.name === name)) {
    throw new DuplicateNameError(`${method}: ${name} is registered already`, { details: { name } });
  }
  return { name, run, after };
}

function limit(timeout: Duration | undefined, argument: string): number | undefined {
  return timeout === undefined ? undefined : toMilliseconds(timeout, argument);
}
