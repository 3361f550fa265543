import { AsyncLocalStorage } from "node:async_hooks";

import type { LogMeta } from "@infra/interfaces";

import { thresholdNumber, type LogThreshold } from "./log-threshold.js";

/** What is known about the work in progress. */
export interface LogContext {
  readonly meta: LogMeta;
  /** The number of the least urgent level that passes in it, whatever the category. */
  readonly passing?: number;
  /** The transport whose work this is: what it logs does not come back to it. */
  readonly within?: object;
}

/** Options of {@link withContext}. */
export interface ContextOptions {
  /** The level for everything that is logged in it, in place of the categories' levels. @default theirs */
  readonly level?: LogThreshold | undefined;
}

const storage = new AsyncLocalStorage<LogContext>();
/** Whether any context ever had a level: as long as none has, a call below the level need not ask for it. */
let anyLevels = false;

/**
 * Runs `work` with fields that every line logged in it gets, by any logger and however deep in asynchronous calls; with
 * `level` also with another level, for one request or one tenant. Inside another context, both apply; the inner one wins.
 *
 * @throws RangeError when the level is none.
 */
export function withContext<T>(meta: LogMeta, work: () => T, options: ContextOptions = {}): T {
  const outer = storage.getStore();
  const context: LogContext = { ...outer, meta: { ...outer?.meta, ...meta } };
  if (options.level === undefined) return storage.run(context, work);
  anyLevels = true;
  const passing = thresholdNumber(options.level, "withContext: level");
  return storage.run({ ...context, passing }, work);
}

/** The number of the least urgent level that passes in the context; `undefined` where it has no say. */
export function passingInContext(): number | undefined {
  return anyLevels ? storage.getStore()?.passing : undefined;
}

/** The fields of the context; empty outside of one. */
export function currentContext(): LogMeta {
  return storage.getStore()?.meta ?? {};
}

/** The context itself. */
export function contextInForce(): LogContext | undefined {
  return storage.getStore();
}

/** Runs the work of a transport. */
export function runWithin<T>(transport: object, work: () => T): T {
  return storage.run({ meta: {}, within: transport }, work);
}
