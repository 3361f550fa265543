import type { ErrorFields } from "../protocol/messages.js";
import type { Counters } from "./counters.js";
import type { Session } from "./session.js";

/** Requests that have waited too long behind another session's transaction fail, instead of hanging for ever. */
export class LockWait {
  readonly #timeoutMs: number;
  readonly #counters: Counters;
  readonly #fields: Omit<ErrorFields, "severity">;
  #timer: NodeJS.Timeout | undefined;

  /** `timeoutMs` may be `Infinity`. */
  constructor(timeoutMs: number, counters: Counters) {
    this.#timeoutMs = timeoutMs;
    this.#counters = counters;
    this.#fields = {
      code: "55P03",
      message: `gave up after ${timeoutMs} ms of waiting for another connection's transaction`,
      detail:
        "The embedded engine runs one transaction at a time, and another connection has one open.",
      hint: "Do not query the pool from inside a transaction: use the transaction's own connection.",
    };
  }

  /** Watches over sessions that have requests and have to wait; `expired` is called after any of those were refused. */
  watch(waiting: readonly Session[], expired: () => void): void {
    this.stop();
    if (waiting.length === 0 || this.#timeoutMs === Infinity) return;
    const first = Math.min(...waiting.map((session) => session.requests[0]!.since));
    const expire = (): void => {
      for (const session of waiting) this.#expire(session, performance.now() - this.#timeoutMs);
      expired();
    };
    const leftMs = Math.max(1, first + this.#timeoutMs - performance.now());
    this.#timer = setTimeout(expire, leftMs).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #expire(session: Session, madeBefore: number): void {
    while (session.requests[0] !== undefined && session.requests[0].since <= madeBefore) {
      const { synced } = session.requests.shift()!;
      this.#counters.add("lockTimeouts");
      session.refuse(synced, this.#fields);
    }
  }
}
