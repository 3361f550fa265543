import { inspect } from "node:util";

import {
  toMilliseconds,
  type Clock,
  type Duration,
  type ErrorReporter,
  type Logger,
  type ServiceContainer,
} from "@infra/interfaces";

/** Options of an `ApplicationLifecycle`. */
export interface LifecycleOptions {
  /** How long a startup hook or the start of a service may take, unless it has a time of its own. @default "30s" */
  readonly hookTimeout?: Duration;
  /** How long the whole shutdown may take, the pre-stop delay included. @default "10s" */
  readonly shutdownTimeout?: Duration;
  /**
   * How much of it the shutdown hooks and the work that is waited for may take together: the services have the rest.
   * @default Infinity: as much as `shutdownTimeout` leaves
   */
  readonly drainTimeout?: Duration;
  /**
   * How long to go on serving after readiness has turned red, so that whoever watches it sends nothing more.
   * @default 2 s if readiness was probed in the last 30 s, else 0
   */
  readonly preStopDelay?: Duration | undefined;
  /** How long a health check may take before it counts as down. @default "2s" */
  readonly healthTimeout?: Duration;
  /** How long the answer of a health check is good for. @default "1s" */
  readonly healthCacheTtl?: Duration;
  /** The signals that begin a shutdown; a second one ends the process at once. @default ["SIGTERM", "SIGINT"] */
  readonly signals?: readonly NodeJS.Signals[];
  /** Shut down, with exit code 1, on an uncaught exception or unhandled rejection. @default true */
  readonly uncaughtErrors?: boolean;
  /** Set the exit code, and end the process if something keeps it alive after the shutdown. @default true */
  readonly exit?: boolean;
  /** Takes the reports of start and stop; what it throws is ignored. @default writes to the standard output */
  readonly print?: (text: string) => void;
}

/** What an `ApplicationLifecycle` can be given. */
export interface LifecycleDependencies {
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
  /**
   * The container that is verified at startup, and whose services are stopped at shutdown.
   * @default the container that made it, else the one that announced itself: `container` of `@infra/di`
   */
  readonly container?: ServiceContainer | undefined;
  /** Told of errors that nobody caught. */
  readonly errorReporter?: ErrorReporter | undefined;
}

/** The options with their defaults, durations in milliseconds. */
export interface LifecycleSettings {
  readonly hookTimeoutMs: number;
  readonly shutdownTimeoutMs: number;
  readonly drainTimeoutMs: number;
  readonly preStopDelayMs: number | undefined;
  readonly healthTimeoutMs: number;
  readonly healthCacheTtlMs: number;
  readonly signals: readonly NodeJS.Signals[];
  readonly uncaughtErrors: boolean;
  readonly exit: boolean;
  readonly print: (text: string) => void;
}

/** @throws RangeError, TypeError that name the option. */
export function lifecycleSettings(options: LifecycleOptions): LifecycleSettings {
  const ms = (
    name: "hookTimeout" | "shutdownTimeout" | "drainTimeout" | "healthTimeout" | "healthCacheTtl",
    or: Duration,
  ) => toMilliseconds(options[name] ?? or, `ApplicationLifecycle: ${name}`);
  const print = options.print ?? printToStdout;
  if (typeof print !== "function") {
    throw new TypeError(`ApplicationLifecycle: print must be a function, got ${inspect(print)}`);
  }
  const signals = options.signals ?? ["SIGTERM", "SIGINT"];
  if (!Array.isArray(signals)) {
    throw new TypeError(
      `ApplicationLifecycle: signals must be an array such as ["SIGTERM"], got ${inspect(signals)}`,
    );
  }
  return {
    hookTimeoutMs: ms("hookTimeout", "30s"),
    shutdownTimeoutMs: ms("shutdownTimeout", "10s"),
    drainTimeoutMs: ms("drainTimeout", Infinity),
    preStopDelayMs:
      options.preStopDelay === undefined
        ? undefined
        : toMilliseconds(options.preStopDelay, "ApplicationLifecycle: preStopDelay"),
    healthTimeoutMs: ms("healthTimeout", "2s"),
    healthCacheTtlMs: ms("healthCacheTtl", "1s"),
    signals,
    uncaughtErrors: options.uncaughtErrors ?? true,
    exit: options.exit ?? true,
    print: (text) => {
      try {
        print(text);
      } catch {
        // a report that can't be shown keeps nothing from being stopped
      }
    },
  };
}

/** Nobody may read on: that would be an error which nobody caught, and the next print one more. */
function printToStdout(text: string): void {
  process.stdout.write(`${text}\n`, (error) => {
    if (error) process.stdout.once("error", () => {});
  });
}
