import type { LogLevel, LogEntry, LogTransport } from "@infra/interfaces";

/** Keeps what was logged, for tests: `new LoggerService({ console: false, transports: [recorder] })`. */
export class LogRecorder implements LogTransport {
  readonly name: string = "recorder";
  readonly #entries: LogEntry[] = [];

  /** Everything that was logged, the oldest first. */
  get entries(): readonly LogEntry[] {
    return this.#entries;
  }

  /** The messages alone. */
  get messages(): readonly string[] {
    return this.#entries.map(({ message }) => message);
  }

  log(entry: LogEntry): void {
    this.#entries.push(entry);
  }

  /** The entries of a level whose message holds a text or matches a pattern. */
  find(level: LogLevel, message: string | RegExp = ""): readonly LogEntry[] {
    return this.#entries.filter(
      (entry) =>
        entry.level === level &&
        (typeof message === "string"
          ? entry.message.includes(message)
          : entry.message.search(message) >= 0),
    );
  }

  /** Forgets everything. */
  clear(): void {
    this.#entries.length = 0;
  }
}
