/** Options of everything that waits. */
export interface WaitOptions {
  /** Ends the wait: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What work is told. It fits as the last argument of whatever the work itself waits for. */
export interface WorkContext {
  /** Aborted when nobody waits for the result any more: the work should stop. */
  readonly signal: AbortSignal;
}

/** A piece of work that can be told to stop. */
export type Work<T> = (context: WorkContext) => T | PromiseLike<T>;

/**
 * The context of work that nobody can abort. A signal costs more than everything else here, so this one, which never
 * aborts, is only made when somebody looks at it.
 */
export class UnabortableContext implements WorkContext {
  #signal: AbortSignal | undefined;

  get signal(): AbortSignal {
    return (this.#signal ??= new AbortController().signal);
  }
}

/** The context of work that nothing but its caller may abort. */
export function contextOf(signal: AbortSignal | undefined): WorkContext {
  return signal ? { signal } : new UnabortableContext();
}

/** The signal of options that may be the context of outer work; of one that never aborts, none. */
export function signalOf(options: WaitOptions | undefined): AbortSignal | undefined {
  return options instanceof UnabortableContext ? undefined : options?.signal;
}
