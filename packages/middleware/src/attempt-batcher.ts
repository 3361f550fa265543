import type { RateLimitResult, RateLimitRule } from "@infra/interfaces";

import { checkAttempt, type Attempts } from "./sliding-window.js";

interface Waiting {
  resolve(result: RateLimitResult): void;
  reject(error: unknown): void;
}

/** Attempts of one key and rule: one call to the store at a time, in which all that came meanwhile go together. */
interface Group {
  readonly key: string;
  readonly attempts: Omit<Attempts, "count">;
  waiting: Waiting[];
}

/** Asks a store for many attempts at once: a thousand requests of one client are a handful of calls, and as exact. */
export class AttemptBatcher {
  readonly #groups = new Map<string, Group>();
  readonly #ask: (key: string, attempts: Attempts) => Promise<readonly RateLimitResult[]>;

  /** @param ask resolves to one answer for each attempt; looking and counting are one step in it. */
  constructor(ask: (key: string, attempts: Attempts) => Promise<readonly RateLimitResult[]>) {
    this.#ask = ask;
  }

  async consume(
    key: string,
    rule: RateLimitRule,
    { cost = 1, signal }: { readonly cost?: number; readonly signal?: AbortSignal } = {},
  ): Promise<RateLimitResult> {
    checkAttempt(key, rule, cost);
    signal?.throwIfAborted();
    const name = [rule.limit, rule.windowMs, rule.burst ?? 0, cost, key].join(":");
    let group = this.#groups.get(name);
    const idle = group === undefined;
    group ??= { key, attempts: { rule, cost }, waiting: [] };
    this.#groups.set(name, group);
    const { waiting } = group;
    const result = new Promise<RateLimitResult>((resolve, reject) => {
      waiting.push({ resolve, reject });
    });
    if (idle) void this.#run(name, group);
    return signal ? untilAborted(result, signal) : result;
  }

  async #run(name: string, group: Group): Promise<void> {
    while (group.waiting.length > 0) {
      const { waiting } = group;
      group.waiting = [];
      try {
        const attempts = { ...group.attempts, count: waiting.length };
        const answers = await this.#ask(group.key, attempts);
        for (const [at, each] of waiting.entries()) each.resolve(answers[at]!);
      } catch (error) {
        for (const each of waiting) each.reject(error);
      }
    }
    this.#groups.delete(name);
  }
}

/** Ends the wait; the attempt may count or not. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
