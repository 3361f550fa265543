import type { Clock } from "@infra/interfaces";

const atOnce = 10;
// how soon, and at most how many a second
const soonMs = 1_000;
const perSecond = 1_000;

/** Looks at every connection once in a while: a few at a time, not all at once. */
export class RecheckRound<Each> {
  readonly #everyMs: number;
  readonly #clock: Clock;
  readonly #all: () => Iterable<Each>;
  readonly #recheck: (each: Each) => void;
  #cancel: (() => void) | undefined;
  #stopped = false;

  constructor(
    options: { readonly everyMs: number; readonly clock: Clock },
    all: () => Iterable<Each>,
    recheck: (each: Each) => void,
  ) {
    this.#everyMs = options.everyMs;
    this.#clock = options.clock;
    this.#all = all;
    this.#recheck = recheck;
  }

  start(): void {
    this.#begin(this.#everyMs);
  }

  /** Begins anew, and looks at all of them within a second, or a second for each thousand. */
  soon(): void {
    this.#cancel?.();
    const count = [...this.#all()].length;
    this.#begin(Math.min(this.#everyMs, Math.max(soonMs, (count / perSecond) * 1_000)));
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  #begin(withinMs: number): void {
    if (this.#stopped) return;
    const next = [...this.#all()];
    const stepMs = withinMs / Math.max(1, Math.ceil(next.length / atOnce));
    const step = (): void => {
      for (const each of next.splice(0, atOnce)) this.#recheck(each);
      if (next.length > 0) this.#later(step, stepMs);
      else this.start();
    };
    this.#later(step, stepMs);
  }

  #later(step: () => void, inMs: number): void {
    this.#cancel = this.#clock.setTimeout(step, inMs, { unref: true });
  }
}
