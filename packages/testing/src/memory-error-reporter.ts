import type { ErrorContext, ErrorReporter } from "@infra/interfaces";

/** An error reporter that keeps what it is told, for tests that look. */
export class MemoryErrorReporter implements ErrorReporter {
  readonly #reports: { readonly error: unknown; readonly context: ErrorContext }[] = [];

  /** What was reported, the oldest first. */
  get reports(): readonly { readonly error: unknown; readonly context: ErrorContext }[] {
    return this.#reports;
  }

  report(error: unknown, context: ErrorContext = {}): void {
    this.#reports.push({ error, context });
  }

  /** Forgets them all. */
  clear(): void {
    this.#reports.length = 0;
  }
}
