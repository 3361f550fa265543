/** What {@link linkSignals} returns: a signal that follows others, and can be aborted by itself. */
export interface LinkedSignal extends Disposable {
  readonly signal: AbortSignal;
  readonly abort: (reason: unknown) => void;
  /** Lets go of the signals it follows. */
  [Symbol.dispose](): void;
}

/**
 * A signal that aborts with the first of `signals`, with the same reason. Unlike `AbortSignal.any` it is let go of when
 * disposed, so a signal that lives as long as the process collects nothing.
 */
export function linkSignals(...signals: readonly (AbortSignal | undefined)[]): LinkedSignal {
  const controller = new AbortController();
  const followed = signals.filter((signal) => signal !== undefined);

  function follow(this: AbortSignal): void {
    abort(this.reason);
  }
  function release(): void {
    for (const signal of followed) signal.removeEventListener("abort", follow);
  }
  function abort(reason: unknown): void {
    release();
    controller.abort(reason);
  }

  const aborted = followed.find((signal) => signal.aborted);
  if (aborted) controller.abort(aborted.reason);
  else for (const signal of followed) signal.addEventListener("abort", follow);

  return {
    // made when first looked at: a signal costs microseconds, its controller next to nothing
    get signal() {
      return controller.signal;
    },
    abort,
    [Symbol.dispose]: release,
  };
}
