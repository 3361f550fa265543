import { onUncaughtError, type UncaughtOrigin } from "@infra/errors";

/** What the process tells the lifecycle. */
export interface ProcessEventHandlers {
  readonly signal: (signal: NodeJS.Signals) => void;
  readonly error: (error: unknown, origin: UncaughtOrigin) => void;
}

/** Listens to signals and uncaught errors; what it returns takes every listener off again. */
export function listenToProcess(
  signals: readonly NodeJS.Signals[],
  uncaughtErrors: boolean,
  handlers: ProcessEventHandlers,
): () => void {
  for (const signal of signals) process.on(signal, handlers.signal);
  const stopListening = uncaughtErrors ? onUncaughtError(handlers.error) : undefined;
  return () => {
    for (const signal of signals) process.off(signal, handlers.signal);
    stopListening?.();
  };
}
