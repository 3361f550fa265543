import {
  systemClock,
  toMilliseconds,
  tokens,
  type Clock,
  type Duration,
  type ErrorContext,
  type ErrorReporter,
  type Managed,
  type StopContext,
  type Token,
} from "@infra/interfaces";

import { fingerprint } from "./fingerprint.js";

/** What a sink is given: one failure, or what became of it since it was last reported. */
export interface ErrorReport {
  /** As it was thrown, the latest one. */
  readonly error: unknown;
  /** The context of the latest one. */
  readonly context: ErrorContext;
  readonly fingerprint: string;
  /** How often it happened since it was last reported, this time included. */
  readonly count: number;
  /** When the latest one happened, in milliseconds since the epoch. */
  readonly at: number;
}

/** Sends a report where somebody sees it. What it throws is counted, and goes no further. */
export type ErrorSink = (report: ErrorReport) => void | Promise<void>;

/** Options of {@link ErrorReporterService}. */
export interface ErrorReporterOptions {
  readonly sink: ErrorSink;
  /** For how long a failure that was reported is only counted; then one report tells how often. @default "1m" */
  readonly dedupeWindow?: Duration;
  /** Reports in `rateWindow`, whatever their kinds; what goes beyond is counted and dropped. @default 60 */
  readonly rateLimit?: number;
  /** @default "1m" */
  readonly rateWindow?: Duration;
  /** Kinds of failures to tell apart at a time; beyond it the oldest is reported and forgotten. @default 1000 */
  readonly maxKinds?: number;
  /** Reports that the sink may be busy with at a time; what goes beyond is counted and dropped. @default 100 */
  readonly maxPending?: number;
  /** What makes two errors the same. @default name, code, place and causes: see `fingerprint` */
  readonly fingerprint?: (error: unknown, context: ErrorContext) => string;
}

/** Collaborators of {@link ErrorReporterService}. */
export interface ErrorReporterDependencies {
  readonly clock?: Clock | undefined;
}

/** What {@link ErrorReporterService} has done so far. */
export interface ErrorReporterStats {
  /** Errors that came in. */
  readonly received: number;
  /** Reports that the sink took. */
  readonly sent: number;
  /** Reports that the sink failed at. */
  readonly failed: number;
  /** Reports that the rate limit, or a sink that is too busy, left no room for. */
  readonly dropped: number;
  /** Reports that the sink is busy with. */
  readonly pending: number;
  /** Kinds of failures that are being counted. */
  readonly kinds: number;
}

interface Kind {
  readonly fingerprint: string;
  /** Since the last report. */
  count: number;
  error: unknown;
  context: ErrorContext;
  at: number;
  cancel: () => void;
}

/**
 * Reports errors to a sink: an error tracker, a chat, a log. The first of a kind goes out at once; the same one again is
 * counted, and told in one report at the end of the window. An outage is a few reports, not a flood.
 */
export class ErrorReporterService implements ErrorReporter, Managed {
  // what is read at import time would keep the class in every bundle of the package
  static readonly provides: Token<ErrorReporter> = /* @__PURE__ */ (() => tokens.errorReporter)();

  readonly #sink: ErrorSink;
  readonly #dedupeMs: number;
  readonly #rateMs: number;
  readonly #rateLimit: number;
  readonly #maxKinds: number;
  readonly #maxPending: number;
  readonly #fingerprint: (error: unknown, context: ErrorContext) => string;
  readonly #clock: Clock;
  readonly #kinds = new Map<string, Kind>();
  readonly #pending = new Set<Promise<void>>();
  readonly #counts = { received: 0, sent: 0, failed: 0, dropped: 0 };
  #windowEndsAt = -Infinity;
  #inWindow = 0;
  #stopped = false;

  constructor(options: ErrorReporterOptions, deps: ErrorReporterDependencies = {}) {
    if (typeof options?.sink !== "function") {
      throw new TypeError(
        `ErrorReporterService: sink must be a function, got ${typeof options?.sink}`,
      );
    }
    this.#sink = options.sink;
    this.#dedupeMs = toMilliseconds(
      options.dedupeWindow ?? "1m",
      "ErrorReporterService: dedupeWindow",
    );
    this.#rateMs = toMilliseconds(options.rateWindow ?? "1m", "ErrorReporterService: rateWindow");
    this.#rateLimit = atLeastOne(options.rateLimit ?? 60, "rateLimit");
    this.#maxKinds = atLeastOne(options.maxKinds ?? 1000, "maxKinds");
    this.#maxPending = atLeastOne(options.maxPending ?? 100, "maxPending");
    this.#fingerprint = options.fingerprint ?? fingerprint;
    this.#clock = deps.clock ?? systemClock;
  }

  report(error: unknown, context: ErrorContext = {}): void {
    this.#counts.received += 1;
    const at = this.#clock.now();
    const name = this.#nameOf(error, context);
    const known = this.#kinds.get(name);
    if (known) {
      known.count += 1;
      Object.assign(known, { error, context, at });
      return;
    }
    const kind: Kind = { fingerprint: name, count: 1, error, context, at, cancel: () => {} };
    if (this.#stopped || this.#dedupeMs === 0) {
      this.#send(kind);
      return;
    }
    // known before it is sent: a sink may report what it fails at
    this.#kinds.set(name, kind);
    this.#send(kind);
    kind.cancel = this.#clock.setTimeout(() => this.#windowEnds(kind), this.#dedupeMs, {
      unref: true,
    });
    if (this.#kinds.size > this.#maxKinds) this.#forget(this.#kinds.values().next().value!);
  }

  /** Reports what was counted, and resolves when the sink has taken everything, or the signal is aborted. */
  async stop(context: StopContext = {}): Promise<void> {
    this.#stopped = true;
    for (const kind of this.#kinds.values()) this.#forget(kind);
    const { signal } = context;
    if (signal?.aborted) return;
    let onAbort: (() => void) | undefined;
    const aborted = new Promise<void>((resolve) => {
      onAbort = resolve;
      signal?.addEventListener("abort", onAbort, { once: true });
    });
    await Promise.race([Promise.all(this.#pending), aborted]);
    signal?.removeEventListener("abort", onAbort!);
  }

  stats(): ErrorReporterStats {
    return { ...this.#counts, pending: this.#pending.size, kinds: this.#kinds.size };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #nameOf(error: unknown, context: ErrorContext): string {
    try {
      return this.#fingerprint(error, context);
    } catch {
      return "[unreadable]";
    }
  }

  #windowEnds(kind: Kind): void {
    if (kind.count === 0) {
      this.#kinds.delete(kind.fingerprint);
      return;
    }
    // it goes on: the next window begins with this report
    this.#send(kind);
    kind.cancel = this.#clock.setTimeout(() => this.#windowEnds(kind), this.#dedupeMs, {
      unref: true,
    });
  }

  #forget(kind: Kind): void {
    kind.cancel();
    this.#kinds.delete(kind.fingerprint);
    if (kind.count > 0) this.#send(kind);
  }

  #send(kind: Kind): void {
    if (this.#pending.size >= this.#maxPending || !this.#mayGo()) {
      // its count stays, so that the next report of its kind tells all of them
      this.#counts.dropped += 1;
      return;
    }
    const { error, context, at, count } = kind;
    kind.count = 0;
    this.#hand({ error, context, at, count, fingerprint: kind.fingerprint });
  }

  #hand(report: ErrorReport): void {
    try {
      const taken = this.#sink(report);
      if (taken === undefined) this.#counts.sent += 1;
      else this.#follow(taken);
    } catch {
      this.#counts.failed += 1;
    }
  }

  #follow(taken: Promise<void>): void {
    const pending = Promise.resolve(taken).then(
      () => void (this.#counts.sent += 1),
      () => void (this.#counts.failed += 1),
    );
    this.#pending.add(pending);
    void pending.then(() => this.#pending.delete(pending));
  }

  #mayGo(): boolean {
    const now = this.#clock.monotonic();
    if (now >= this.#windowEndsAt) {
      this.#windowEndsAt = now + this.#rateMs;
      this.#inWindow = 0;
    }
    this.#inWindow += 1;
    return this.#inWindow <= this.#rateLimit;
  }
}

function atLeastOne(value: number, name: string): number {
  if (value >= 1) return value;
  throw new RangeError(`ErrorReporterService: ${name} must be at least 1, got ${String(value)}`);
}
