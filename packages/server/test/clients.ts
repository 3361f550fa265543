import { once } from "node:events";
import { Agent, request, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";

import type { Logger, LogLevel, LogMeta } from "@infra/interfaces";

/** One connection, used for one request after the other. */
export class KeepAliveClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  async get(url: string): Promise<{ status: number; headers: IncomingMessage["headers"] }> {
    const [response] = (await once(request(url, { agent: this.#agent }).end(), "response")) as [
      IncomingMessage,
    ];
    response.resume();
    await once(response, "end");
    return { status: response.statusCode!, headers: response.headers };
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Writes to a connection and collects what comes back. */
export class RawClient {
  readonly socket: Socket;
  received = "";
  /** Resolves when the connection is closed, however. */
  readonly closed: Promise<void>;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.socket = connect(Number(port), hostname);
    this.socket.on("data", (chunk) => (this.received += chunk.toString()));
    this.socket.on("error", () => undefined);
    this.closed = new Promise((resolve) => this.socket.once("close", () => resolve()));
  }
}

/** Waits for a condition, turn by turn; the test's own time-out is the bound. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn();
}

/** A logger that keeps its lines as `level message`, with what stands beside them. */
export class MemoryLogger implements Logger {
  readonly lines: { line: string; meta: LogMeta }[];
  readonly #meta: LogMeta;

  constructor(lines: MemoryLogger["lines"] = [], meta: LogMeta = {}) {
    this.lines = lines;
    this.#meta = meta;
  }

  fatal = this.#at("fatal");
  error = this.#at("error");
  warn = this.#at("warn");
  info = this.#at("info");
  debug = this.#at("debug");
  trace = (): void => undefined;

  isEnabled(level: LogLevel): boolean {
    return level !== "trace";
  }

  child(meta: LogMeta): Logger {
    return new MemoryLogger(this.lines, { ...this.#meta, ...meta });
  }

  #at(level: LogLevel) {
    return (message: string, meta: LogMeta = {}): void => {
      this.lines.push({ line: `${level} ${message}`, meta: { ...this.#meta, ...meta } });
    };
  }
}
