import { systemClock, toMilliseconds, type Clock, type Duration } from "@infra/interfaces";

/** What a fault does, and to which calls. */
export interface FaultRule {
  /** The methods. @default all */
  readonly methods?: readonly string[];
  /** How many calls. @default all, until `clear()` */
  readonly times?: number;
}

/** A call that was made of something wrapped. */
export interface FaultyCall {
  readonly method: string;
  readonly args: readonly unknown[];
}

type Fault = (call: FaultyCall, work: () => Promise<unknown>) => Promise<unknown>;

interface Entry {
  readonly methods: readonly string[] | undefined;
  readonly fault: Fault;
  left: number;
}

/** As Node.js says that a connection was cut. */
function connectionError(code: "ECONNRESET" | "ECONNREFUSED"): Error {
  const message = code === "ECONNRESET" ? "the connection was cut" : "the connection was refused";
  return Object.assign(new Error(`${message} (by a test)`), { code });
}

/**
 * Faults around whatever has asynchronous methods: a store, a provider, a client. `faults.wrap(store)` behaves as the store
 * until `fail`, `delay`, `hang` or `cut` say otherwise, and `calls` tells what was asked of it.
 */
export class Faults {
  readonly #clock: Clock;
  readonly #calls: FaultyCall[] = [];
  readonly #running = new Set<(error: Error) => void>();
  readonly #waiting = new Set<(error: Error) => void>();
  readonly #hanging = new Set<() => void>();
  #entries: Entry[] = [];
  #cut = false;

  /** Delays wait by the clock. */
  constructor({ clock = systemClock }: { readonly clock?: Clock } = {}) {
    this.#clock = clock;
  }

  /** The calls since the beginning or `clear()`, the oldest first. */
  get calls(): readonly FaultyCall[] {
    return this.#calls;
  }

  /**
   * Something that behaves as `target` but for the faults. Methods are taken to be asynchronous, or to give an
   * `AsyncIterable`, for which a fault comes before the first value. `sync` names those that are neither: no fault touches
   * them.
   */
  wrap<T extends object>(
    target: T,
    { sync = [] }: { readonly sync?: readonly (keyof T & string)[] } = {},
  ): T {
    const wrapped = new Map<PropertyKey, unknown>();
    return new Proxy(target, {
      get: (_, name) => {
        // private fields are the target's own
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function" || typeof name === "symbol" || name === "constructor") {
          return value;
        }
        if (!wrapped.has(name)) {
          const method = value as (...args: unknown[]) => unknown;
          const untouched = (sync as readonly string[]).includes(name);
          wrapped.set(name, this.#wrapMethod(target, name, method, untouched));
        }
        return wrapped.get(name);
      },
    });
  }

  /**
   * Calls fail with an error, and are not made; with `afterwards` the work is done all the same, and only the answer is lost.
   */
  fail(
    error: Error | (() => Error),
    rule: FaultRule & { readonly afterwards?: boolean } = {},
  ): void {
    this.#add(rule, async (_, work) => {
      if (rule.afterwards) await work();
      throw typeof error === "function" ? error() : error;
    });
  }

  /** Calls begin so much later. */
  delay(by: Duration, rule: FaultRule = {}): void {
    const ms = toMilliseconds(by, "delay: by");
    this.#add(rule, async ({ args }, work) => {
      await this.#wait(args, (go) => this.#clock.setTimeout(go, ms));
      return work();
    });
  }

  /** Calls are not answered before `clear()`, which lets them begin; a `signal` among their options ends the wait. */
  hang(rule: FaultRule = {}): void {
    this.#add(rule, async ({ args }, work) => {
      await this.#wait(args, (go) => {
        this.#hanging.add(go);
        return () => this.#hanging.delete(go);
      });
      return work();
    });
  }

  /** The connection is cut: calls under way fail with ECONNRESET, those that come with ECONNREFUSED, until `mend()`. */
  cut(): void {
    this.#cut = true;
    // what waits is not begun after all
    for (const fail of [...this.#waiting, ...this.#running]) fail(connectionError("ECONNRESET"));
  }

  /** Undoes `cut()`. */
  mend(): void {
    this.#cut = false;
  }

  /** Undoes every fault, lets go on what hangs, and forgets the calls. */
  clear(): void {
    this.#cut = false;
    this.#entries = [];
    this.#calls.length = 0;
    for (const go of this.#hanging) go();
  }

  #add({ methods, times = Infinity }: FaultRule, fault: Fault): void {
    if (!(times >= 1)) throw new RangeError(`times must be a number from 1, got ${times}`);
    this.#entries.push({ methods, left: times, fault });
  }

  #wrapMethod(
    target: object,
    name: string,
    method: (...args: unknown[]) => unknown,
    untouched: boolean,
  ): unknown {
    const generates = method.constructor.name === "AsyncGeneratorFunction";
    return (...args: unknown[]): unknown => {
      const call = { method: name, args };
      this.#calls.push(call);
      const work = (): unknown => Reflect.apply(method, target, args);
      if (untouched) return work();
      if (generates) return this.#values(call, work as () => AsyncIterable<unknown>);
      return this.#run(call, async () => work());
    };
  }

  async *#values(call: FaultyCall, work: () => AsyncIterable<unknown>): AsyncGenerator {
    yield* (await this.#run(call, async () => work())) as AsyncIterable<unknown>;
  }

  #run(call: FaultyCall, work: () => Promise<unknown>): Promise<unknown> {
    if (this.#cut) return Promise.reject(connectionError("ECONNREFUSED"));
    let faulty = work;
    for (const entry of this.#entries) {
      if (entry.left < 1 || (entry.methods && !entry.methods.includes(call.method))) continue;
      entry.left -= 1;
      const inner = faulty;
      faulty = () => entry.fault(call, inner);
    }
    return new Promise((resolve, reject) => {
      this.#running.add(reject);
      void faulty()
        .then(resolve, reject)
        .finally(() => this.#running.delete(reject));
    });
  }

  /** Waits until what `begin` is given is called; a signal among the arguments, or a cut, ends it. */
  #wait(args: readonly unknown[], begin: (go: () => void) => () => unknown): Promise<void> {
    const signal = signalAmong(args);
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const end = (act: () => void): void => {
        signal?.removeEventListener("abort", abort);
        this.#waiting.delete(fail);
        undo();
        act();
      };
      const fail = (error: Error): void => end(() => reject(error));
      const abort = (): void => fail(signal!.reason as Error);
      signal?.addEventListener("abort", abort, { once: true });
      this.#waiting.add(fail);
      const undo = begin(() => end(resolve));
    });
  }
}

/** The signal of a call: of its options, which stand last, or the last argument itself. */
function signalAmong(args: readonly unknown[]): AbortSignal | undefined {
  const last = args.at(-1);
  const signal =
    last instanceof AbortSignal ? last : (last as { signal?: unknown } | undefined)?.signal;
  return signal instanceof AbortSignal ? signal : undefined;
}
