import { Worker } from "node:worker_threads";

import type { Connection, ConnectionReceiver, EngineHost, HostEvents } from "./engine-host.js";
import { Counters, type EmbeddedPostgresStats } from "./engine/counters.js";
import type { EngineSettings } from "./engine/engine.js";
import type { OpenProgress } from "./engine/open-pglite.js";
import { EmbeddedPostgresClosedError, EmbeddedPostgresCrashedError } from "./errors.js";
import {
  asBuffer,
  detached,
  fromPlain,
  type FromThread,
  type ThreadData,
  type ToThread,
} from "./thread-messages.js";

interface PendingDump {
  resolve(sql: string): void;
  reject(error: Error): void;
}

/** An engine in a thread of its own: a query, however long, does not block this one. */
export class ThreadHost implements EngineHost {
  readonly #worker: Worker;
  readonly #events: HostEvents;
  readonly #counters: Counters;
  readonly #receivers = new Map<number, ConnectionReceiver>();
  readonly #exited: Promise<void>;
  readonly #dumps = new Map<number, PendingDump>();
  #lastId = 0;
  #holds = 0;
  #opened: { readonly version: string; readonly socketDirectory?: string } = { version: "" };
  #closing: Promise<void> | undefined;
  #closed: ((error: Error | undefined) => void) | undefined;
  #failure: Error | undefined;

  private constructor(worker: Worker, settings: EngineSettings, events: HostEvents) {
    this.#worker = worker;
    this.#events = events;
    this.#counters = new Counters(settings.counters);
    this.#exited = new Promise((resolve) => {
      worker.once("exit", (code) => {
        if (!this.#closing) this.#fail(new Error(`its thread has ended with code ${code}`));
        this.#closed?.(undefined);
        resolve();
      });
    });
    worker.on("error", (error) => this.#fail(error));
    worker.on("messageerror", (error) => this.#fail(error));
  }

  static async open(
    settings: EngineSettings,
    events: HostEvents,
    onProgress: (progress: OpenProgress) => void,
  ): Promise<ThreadHost> {
    const data: ThreadData = { settings };
    const worker = new Worker(new URL("./thread.js", import.meta.url), {
      workerData: data,
      name: "embedded-postgres",
      execArgv: flagsForFiles(),
    });
    const host = new ThreadHost(worker, settings, events);
    try {
      await new Promise<void>((resolve, reject) => {
        worker.on("message", (message: FromThread) => {
          if (message.kind === "progress") onProgress(message.progress);
          else if (message.kind === "not-opened") reject(fromPlain(message.error));
          else if (message.kind === "opened") {
            host.#opened = message;
            resolve();
          } else host.#receive(message);
        });
        worker.once("error", reject);
        worker.once("exit", (code) => reject(new Error(`the thread ended with code ${code}`)));
      });
    } catch (error) {
      await host.terminate();
      throw error;
    }
    worker.unref();
    return host;
  }

  get version(): string {
    return this.#opened.version;
  }

  get socketDirectory(): string | undefined {
    return this.#opened.socketDirectory;
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  connect(receiver: ConnectionReceiver): Connection {
    const id = (this.#lastId += 1);
    this.#receivers.set(id, receiver);
    this.#say({ kind: "connect", id });
    return {
      write: (bytes) => {
        const own = detached(bytes);
        this.#say({ kind: "data", id, bytes: own }, [own.buffer]);
      },
      end: () => {
        if (this.#receivers.delete(id)) this.#say({ kind: "end", id });
      },
    };
  }

  hold(alive: boolean): void {
    this.#holds += alive ? 1 : -1;
    if (this.#holds > 0) this.#worker.ref();
    else this.#worker.unref();
  }

  stats(): EmbeddedPostgresStats {
    return this.#counters.read();
  }

  dump(args: readonly string[]): Promise<string> {
    const id = (this.#lastId += 1);
    this.hold(true);
    return new Promise<string>((resolve, reject) => {
      this.#dumps.set(id, { resolve, reject });
      this.#say({ kind: "dump", id, args });
    }).finally(() => this.hold(false));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async terminate(): Promise<void> {
    this.#closing ??= this.#exited;
    this.#endAll(undefined);
    await this.#worker.terminate();
  }

  async #close(): Promise<void> {
    if (this.#failure) return;
    this.hold(true);
    const error = await new Promise<Error | undefined>((resolve) => {
      this.#closed = resolve;
      this.#say({ kind: "close" });
    });
    // the engine's memory is given back sooner than by waiting for the thread to find that it has nothing to do
    await this.#worker.terminate();
    if (error) throw error;
  }

  #say(message: ToThread, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #receive(message: FromThread): void {
    if (message.kind === "data") this.#receivers.get(message.id)?.data(asBuffer(message.bytes));
    else if (message.kind === "end") {
      const receiver = this.#receivers.get(message.id);
      this.#receivers.delete(message.id);
      receiver?.end();
    } else if (message.kind === "dumped" || message.kind === "not-dumped") {
      const dump = this.#dumps.get(message.id);
      this.#dumps.delete(message.id);
      if (message.kind === "dumped") dump?.resolve(message.sql);
      else dump?.reject(fromPlain(message.error));
    } else if (message.kind === "log") this.#events.log(message.line);
    else if (message.kind === "warning") this.#events.warning(fromPlain(message.error));
    else if (message.kind === "failed") this.#fail(fromPlain(message.error));
    else if (message.kind === "closed") {
      this.#closed?.(message.error && fromPlain(message.error));
    }
  }

  /** The engine is dead: whoever waits for an answer hears of it, and whoever comes later too. */
  #fail(cause: Error): void {
    if (this.#failure) return;
    this.#failure = new EmbeddedPostgresCrashedError(
      `The embedded database has crashed: ${cause.message}`,
      { cause },
    );
    this.#events.failed(this.#failure);
    this.#endAll(this.#failure);
    void this.#worker.terminate();
  }

  #endAll(error: Error | undefined): void {
    const receivers = [...this.#receivers.values()];
    this.#receivers.clear();
    for (const receiver of receivers) receiver.end(error);
    const closed = error ?? new EmbeddedPostgresClosedError("closed during dump()");
    for (const dump of this.#dumps.values()) dump.reject(closed);
    this.#dumps.clear();
  }
}

const evaluates = (flag: string | undefined): boolean =>
  /^(?:-e|-p|-pe|--eval|--print)$/.test(flag ?? "");

/** This process's flags for Node.js, without those that are about a program given on the command line. */
function flagsForFiles(): string[] {
  return process.execArgv.filter(
    (flag, at, all) =>
      !flag.startsWith("--input-type") && !evaluates(flag) && !evaluates(all[at - 1]),
  );
}
