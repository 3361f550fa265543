import type { withTimeout } from "@infra/promises";

import type { CacheCore, Scope } from "./cache-core.js";
import { keyWithin } from "./cache-key.js";
import type { GetOrSetOptions } from "./cache-options.js";
import { LoaderTimeoutError } from "./errors.js";
import type { CopyPlan } from "./snapshot.js";

/** What makes the value of a key. */
export type Load<T> = (context: { readonly signal: AbortSignal }) => T | Promise<T>;

/** A call of `getOrSet`. */
export interface LoadCall {
  readonly scope: Scope;
  /** With its namespace. */
  readonly full: string;
  readonly load: Load<unknown>;
  readonly options: GetOrSetOptions;
}

/** A value that may be handed out as copies. */
export interface Shared {
  readonly value: unknown;
  readonly plan: CopyPlan;
}

/** Why something stale is served. */
export type StaleReason = "load-failed" | "soft-timeout" | "locked" | "backing-off";

type LoaderEvent =
  | { readonly type: "hit"; readonly tier: "memory" | "store" }
  | { readonly type: "miss" }
  | { readonly type: "stale"; readonly reason: StaleReason }
  | { readonly type: "load"; readonly elapsedMs: number }
  | { readonly type: "load-failed"; readonly error: unknown };

/** Tells those who listen what happens to a call. */
export function tell({ events }: CacheCore, { scope, full }: LoadCall, event: LoaderEvent): void {
  if (!events.wanted) return;
  const key = keyWithin(scope.prefix, full) ?? full;
  events.emit({ namespace: scope.namespace, key, ...event });
}

/** How long the value of a call may take to be loaded, by whomever. */
export function hardTimeoutOf(
  { options, clock }: CacheCore,
  call: LoadCall,
): Pick<Parameters<typeof withTimeout>[1], "timeout" | "clock"> & {
  error: (timeoutMs: number) => unknown;
} {
  const key = keyWithin(call.scope.prefix, call.full) ?? call.full;
  return {
    timeout: call.options.hardTimeout ?? options.hardTimeoutMs,
    clock,
    error: (timeoutMs) =>
      new LoaderTimeoutError(`loading ${JSON.stringify(key)} took longer than ${timeoutMs} ms`, {
        details: { key, timeoutMs },
      }),
  };
}
