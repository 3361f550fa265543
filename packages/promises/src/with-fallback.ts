import { contextOf, type WaitOptions, type Work } from "./work.js";

/** Options of {@link withFallback}. */
export interface FallbackOptions extends WaitOptions {
  /** Whether an error is one to fall back from. @default always */
  readonly fallbackIf?: (error: unknown) => boolean;
}

/**
 * Runs work and, when it fails, gives what `fallback` makes of the error. A call whose own signal has aborted does not
 * fall back: nobody waits for it.
 *
 * @throws what the work throws where there is no falling back; what `fallback` throws.
 */
export async function withFallback<T, F>(
  work: Work<T>,
  fallback: (error: unknown) => F | PromiseLike<F>,
  options: FallbackOptions = {},
): Promise<T | F> {
  const { signal, fallbackIf = () => true } = options;
  signal?.throwIfAborted();
  try {
    return await work(contextOf(signal));
  } catch (error) {
    if (signal?.aborted || !fallbackIf(error)) throw error;
    return await fallback(error);
  }
}
