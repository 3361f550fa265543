import { toMilliseconds } from "@infra/interfaces";

import type { DisposeOptions } from "./container.js";
import { DisposalError } from "./errors.js";
import { managedName } from "./managed.js";
import type { Scope } from "./scope.js";

const done = Promise.resolve();

/** Disposes what a scope and those within it made; the same promise for every call. */
export function disposeScope(scope: Scope, options: DisposeOptions): Promise<void> {
  if (scope.disposal) return scope.disposal;
  if (!scope.living && !scope.children && !scope.pending) {
    scope.leave();
    return (scope.disposal = done);
  }
  const limitMs = toMilliseconds(options.timeout ?? "10s", "dispose: timeout");
  const disposal = new Disposal(limitMs, options.signal);
  return (scope.disposal = disposal.run(scope));
}

/** One disposal, and its deadline, which is set up only when there is something to wait for. */
class Disposal {
  readonly #limitMs: number;
  readonly #calledOff: AbortSignal | undefined;
  readonly #failed: string[] = [];
  readonly #overran: string[] = [];
  readonly #errors: unknown[] = [];
  #ending: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(limitMs: number, calledOff: AbortSignal | undefined) {
    this.#limitMs = limitMs;
    this.#calledOff = calledOff;
  }

  async run(scope: Scope): Promise<void> {
    try {
      await this.#all(scope);
    } finally {
      clearTimeout(this.#timer);
      this.#calledOff?.removeEventListener("abort", this.#end);
    }
    const [failed, overran, errors] = [this.#failed, this.#overran, this.#errors];
    if (failed.length + overran.length === 0) return;
    const sentences = [
      failed.length > 0 && `${failed.join(", ")} failed`,
      overran.length > 0 && `${overran.join(", ")} did not end in time`,
    ].filter(Boolean);
    throw new DisposalError(`disposing the container: ${sentences.join("; ")}`, {
      details: { failed, overran },
      ...(errors.length > 0 && {
        cause: errors.length === 1 ? errors[0] : new AggregateError(errors),
      }),
    });
  }

  readonly #end = (): void => this.#ending?.abort();

  readonly #signal = (): AbortSignal => {
    if (!this.#ending) {
      this.#ending = new AbortController();
      if (this.#limitMs !== Infinity) this.#timer = setTimeout(this.#end, this.#limitMs);
      if (this.#calledOff?.aborted) this.#end();
      this.#calledOff?.addEventListener("abort", this.#end, { once: true });
    }
    return this.#ending.signal;
  };

  async #all(scope: Scope): Promise<void> {
    for (const child of [...(scope.children ?? [])].toReversed()) {
      if (child.disposal) {
        // whoever began it is told what became of it
        await this.#settled(child.disposal);
      } else {
        child.disposal = this.#all(child);
        await child.disposal;
      }
    }
    const { pending } = scope;
    if (pending && (await this.#settled(Promise.allSettled(pending.values()))) === "overran") {
      this.#overran.push(...[...pending.keys()].map(managedName));
    }
    const living = scope.living ?? [];
    for (let at = living.length - 1; at >= 0; at -= 1) {
      const one = living[at]!;
      try {
        const ending = one.dispose(this.#signal);
        if (!ending) continue;
        const result = await this.#settled(ending);
        if (result === "overran") this.#overran.push(managedName(one.binding));
        else if (result) throw result.error;
      } catch (error) {
        this.#failed.push(managedName(one.binding));
        this.#errors.push(error);
      }
    }
    scope.leave();
  }

  /** Waits until a promise has settled or the time is over; what is called after the end still gets one turn. */
  #settled(promise: Promise<unknown>): Promise<"overran" | { error: unknown } | undefined> {
    const signal = this.#signal();
    return new Promise((resolve) => {
      const overrun = (): void => void setImmediate(() => resolve("overran"));
      if (signal.aborted) overrun();
      else signal.addEventListener("abort", overrun, { once: true });
      void (async () => {
        try {
          await promise;
          resolve(undefined);
        } catch (error) {
          resolve({ error });
        }
        signal.removeEventListener("abort", overrun);
      })();
    });
  }
}
