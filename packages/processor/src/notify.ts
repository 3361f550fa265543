/** Tells a listener; what it throws changes nothing for the work that it watches. */
export function notify<T>(listener: ((event: T) => void) | undefined, event: T): void {
  try {
    listener?.(event);
  } catch {
    // a listener's own concern
  }
}
