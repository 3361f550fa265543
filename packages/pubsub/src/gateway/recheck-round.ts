import type { Clock } from "@infra/interfaces";

const atOnce = 10;

/** Looks at every connection once in a while: a few at a time, not all at once. */
export class RecheckRound<Each> {
  readonly #everyMs: number;
  readonly #clock: Clock;
  readonly #all: () => Iterable<Each>;
  readonly #recheck: (each: Each) => void;
  #cancel: (() => void) | undefined;

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
    const next = [...this.#all()];
    const stepMs = this.#everyMs / Math.max(1, Math.ceil(next.length / atOnce));
    const step = (): void => {
      for (const each of next.splice(0, atOnce)) this.#recheck(each);
      if (next.length > 0) this.#later(step, stepMs);
      else this.start();
    };
    this.#later(step, stepMs);
  }

  stop(): void {
    this.#cancel?.();
  }

  #later(step: () => void, inMs: number): void {
    this.#cancel = this.#clock.setTimeout(step, inMs, { unref: true });
  }
}
