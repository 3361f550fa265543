import {
  Secret,
  systemClock,
  toMilliseconds,
  type Clock,
  type Duration,
  type LogLevel,
  type LogEntry,
  type LogTransport,
} from "@infra/interfaces";

import { LogDeliveryError } from "./errors.js";

/** Options of {@link HttpTransport}. */
export interface HttpTransportOptions {
  /** Where batches are posted to. */
  readonly url: string | URL;
  /** Further headers; a `Secret` for a token. @default none */
  readonly headers?: Readonly<Record<string, string | Secret>>;
  /** One JSON line below the other, or one JSON list. @default "ndjson" */
  readonly format?: "ndjson" | "json";
  /** How many lines are sent at once. @default 100 */
  readonly batchSize?: number;
  /** How long lines wait for others to make up a batch. @default "1s" */
  readonly batchDelay?: Duration;
  /** How often a batch is sent again that was not taken. @default 4 */
  readonly retries?: number;
  /** The wait before it is sent again: doubled each time, up to a minute; `Retry-After` counts if longer. @default "250ms" */
  readonly retryDelay?: Duration;
  /** How long one attempt may take. @default "10s" */
  readonly timeout?: Duration;
  /** The least urgent level it takes. @default every line that the logger lets through */
  readonly level?: LogLevel;
}

/** Collaborators of {@link HttpTransport}. */
export interface HttpTransportDependencies {
  readonly clock?: Clock;
  readonly fetch?: typeof fetch;
}

const longestWaitMs = 60_000;

/**
 * Posts lines in batches. What a service does not take (no answer, 408, 429, 5xx) is sent again; what waits meanwhile is
 * bounded by the logger's `maxQueued`. `flush()` and `stop()` of the logger wait for it; a process that ends without
 * them loses what was not sent yet.
 */
export class HttpTransport implements LogTransport {
  readonly name: string;
  readonly level: LogLevel;
  readonly batchSize: number;
  readonly batchDelay: Duration;
  readonly #url: URL;
  readonly #headers: Readonly<Record<string, string | Secret>>;
  readonly #format: "ndjson" | "json";
  readonly #retries: number;
  readonly #retryMs: number;
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  readonly #fetch: typeof fetch;
  readonly #closed = new AbortController();

  /** @throws TypeError, RangeError when an option is wrong. */
  constructor(options: HttpTransportOptions, deps: HttpTransportDependencies = {}) {
    const { batchSize = 100, retries = 4, format = "ndjson" } = options;
    if (!URL.canParse(String(options.url)) || !/^https?:/.test(String(options.url))) {
      // not quoted: a URL may hold a password
      throw new TypeError("HttpTransport: url must be an http or https URL");
    }
    atLeast(1, batchSize, "batchSize");
    atLeast(0, retries, "retries");
    if (format !== "ndjson" && format !== "json") {
      throw new RangeError(
        `HttpTransport: format must be ndjson or json; got ${JSON.stringify(format)}`,
      );
    }
    this.#url = new URL(options.url);
    if (this.#url.username !== "" || this.#url.password !== "") {
      throw new TypeError("HttpTransport: url must hold no credentials; they belong into headers");
    }
    for (const [name, value] of Object.entries(options.headers ?? {})) checkHeader(name, value);
    this.name = `http ${this.#url.host}`;
    this.level = options.level ?? "trace";
    this.batchSize = batchSize;
    this.batchDelay = toMilliseconds(options.batchDelay ?? "1s", "HttpTransport: batchDelay");
    this.#headers = options.headers ?? {};
    this.#format = format;
    this.#retries = retries;
    this.#retryMs = toMilliseconds(options.retryDelay ?? "250ms", "HttpTransport: retryDelay");
    this.#timeoutMs = toMilliseconds(options.timeout ?? "10s", "HttpTransport: timeout");
    this.#clock = deps.clock ?? systemClock;
    this.#fetch = deps.fetch ?? fetch;
  }

  log(entry: LogEntry): Promise<void> {
    return this.logBatch([entry]);
  }

  async logBatch(entries: readonly LogEntry[]): Promise<void> {
    const lines = entries.map(({ line }) => line);
    const body = this.#format === "json" ? `[${lines.join(",")}]` : `${lines.join("\n")}\n`;
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.#send(body);
      if (outcome.taken) return;
      const { status, cause } = outcome;
      if (!outcome.again || attempt >= this.#retries || this.#closed.signal.aborted) {
        const why = status === undefined ? "did not answer" : `answered ${status}`;
        throw new LogDeliveryError(`${this.#url.host} ${why}; ${entries.length} lines are lost`, {
          cause,
          details: {
            lines: entries.length,
            ...(status !== undefined && { responseStatus: status }),
          },
        });
      }
      await this.#pause(Math.max(outcome.waitMs, this.#retryMs * 2 ** attempt));
    }
  }

  /** Gives up what is under way. */
  close(): void {
    this.#closed.abort();
  }

  async #send(body: string): Promise<Outcome> {
    const timeout = new AbortController();
    const cancel = this.#clock.setTimeout(() => timeout.abort(), this.#timeoutMs);
    try {
      const response = await this.#fetch(this.#url, {
        method: "POST",
        headers: {
          "content-type": this.#format === "json" ? "application/json" : "application/x-ndjson",
          ...Object.fromEntries(
            Object.entries(this.#headers).map(([name, value]) => [name, Secret.reveal(value)]),
          ),
        },
        body,
        signal: AbortSignal.any([timeout.signal, this.#closed.signal]),
      });
      // the connection is free for the next batch once the answer was read
      await response.arrayBuffer();
      const { status } = response;
      return {
        taken: response.ok,
        again: status === 408 || status === 429 || status >= 500,
        status,
        waitMs: (Number(response.headers.get("retry-after")) || 0) * 1000,
      };
    } catch (cause) {
      return { taken: false, again: true, cause, waitMs: 0 };
    } finally {
      cancel();
    }
  }

  async #pause(delayMs: number): Promise<void> {
    const { signal } = this.#closed;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        cancel();
        signal.removeEventListener("abort", done);
        resolve();
      };
      const cancel = this.#clock.setTimeout(done, Math.min(delayMs, longestWaitMs));
      signal.addEventListener("abort", done);
    });
  }
}

interface Outcome {
  readonly taken: boolean;
  readonly again: boolean;
  readonly status?: number;
  readonly cause?: unknown;
  readonly waitMs: number;
}

function checkHeader(name: string, value: string | Secret): void {
  try {
    new Headers().set(name, Secret.reveal(value));
  } catch {
    // whose own error quotes the value
    throw new TypeError(
      `HttpTransport: headers must be names and values of HTTP, which ${JSON.stringify(name)} is not`,
    );
  }
}

function atLeast(least: number, value: number, name: string): void {
  if (!Number.isInteger(value) || value < least) {
    throw new RangeError(
      `HttpTransport: ${name} must be a whole number from ${least}, got ${String(value)}`,
    );
  }
}
