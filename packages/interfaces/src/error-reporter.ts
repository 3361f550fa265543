/** What stands beside a reported error: plain data, no secrets. */
export type ErrorContext = Readonly<Record<string, unknown>>;

/** Takes errors that somebody should look at. Never throws and never waits: reporting changes nothing for its caller. */
export interface ErrorReporter {
  /** @param error - whatever was thrown. */
  report(error: unknown, context?: ErrorContext): void;
}
