import type { Connection, ConnectionReceiver, EngineHost, HostEvents } from "./engine-host.js";
import { Counters, type EmbeddedPostgresStats } from "./engine/counters.js";
import { Engine, type EngineSettings } from "./engine/engine.js";
import type { OpenProgress } from "./engine/open-pglite.js";
import { EmbeddedPostgresCrashedError } from "./errors.js";

// The longest that a timer takes.
const farAwayMs = 2 ** 31 - 1;

/** An engine in this thread: a quicker round trip, and a thread that is blocked while a query runs. */
export class LocalHost implements EngineHost {
  readonly #engine: Engine;
  readonly #counters: Counters;
  readonly #receivers = new Set<ConnectionReceiver>();
  #holds = 0;
  #alive: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;
  #failure: Error | undefined;

  private constructor(engine: Engine, settings: EngineSettings) {
    this.#engine = engine;
    this.#counters = new Counters(settings.counters);
  }

  static async open(
    settings: EngineSettings,
    events: HostEvents,
    onProgress: (progress: OpenProgress) => void,
  ): Promise<LocalHost> {
    const engine = await Engine.open(settings, {
      ...events,
      progress: onProgress,
      failed: (cause) => {
        host.#failure = new EmbeddedPostgresCrashedError(
          `The embedded database has crashed: ${cause.message}`,
          { cause },
        );
        events.failed(host.#failure);
        host.#endAll(host.#failure);
      },
    });
    const host = new LocalHost(engine, settings);
    return host;
  }

  get version(): string {
    return this.#engine.version;
  }

  get socketDirectory(): string | undefined {
    return this.#engine.socketDirectory;
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  connect(receiver: ConnectionReceiver): Connection {
    this.#receivers.add(receiver);
    // never from within the engine: an error that the receiver throws is not the engine's
    const session = this.#engine.connect({
      data: (bytes) => process.nextTick(() => receiver.data(bytes)),
      end: () => {
        if (this.#receivers.delete(receiver)) process.nextTick(() => receiver.end());
      },
    });
    return {
      write: (bytes) => session.write(bytes),
      end: () => {
        this.#receivers.delete(receiver);
        session.end();
      },
    };
  }

  hold(alive: boolean): void {
    this.#holds += alive ? 1 : -1;
    clearInterval(this.#alive);
    this.#alive = this.#holds > 0 ? setInterval(() => {}, farAwayMs) : undefined;
  }

  stats(): EmbeddedPostgresStats {
    return this.#counters.read();
  }

  dump(args: readonly string[]): Promise<string> {
    return this.#engine.dump(args);
  }

  close(): Promise<void> {
    this.#closing ??= this.#engine.close();
    return this.#closing;
  }

  // nothing in this thread can be interrupted
  terminate(): Promise<void> {
    return this.close();
  }

  #endAll(error: Error): void {
    const receivers = [...this.#receivers];
    this.#receivers.clear();
    for (const receiver of receivers) process.nextTick(() => receiver.end(error));
  }
}
