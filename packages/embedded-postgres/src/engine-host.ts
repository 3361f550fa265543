import type { EmbeddedPostgresStats } from "./engine/counters.js";

/** Where a connection's bytes and its end arrive. */
export interface ConnectionReceiver {
  data(bytes: Buffer): void;
  /** Nothing comes after this; an error when it was not the engine's own doing. */
  end(error?: Error): void;
}

/** The engine's end of a connection. */
export interface Connection {
  write(bytes: Buffer): void;
  end(): void;
}

/** An engine, in this thread or in one of its own, as the handle sees it. */
export interface EngineHost {
  readonly version: string;
  readonly socketDirectory: string | undefined;
  /** Why the engine is dead; `undefined` while it lives. */
  readonly failure: Error | undefined;
  connect(receiver: ConnectionReceiver): Connection;
  /** Keeps the process alive, until as many calls say `false` as said `true`. */
  hold(alive: boolean): void;
  stats(): EmbeddedPostgresStats;
  /** The database as SQL, by pg_dump with these switches. */
  dump(args: readonly string[]): Promise<string>;
  /** Ends every connection, writes a checkpoint, and gives the directory free. */
  close(): Promise<void>;
  /** Lets go of everything at once: the next start recovers. */
  terminate(): Promise<void>;
}

/** What a host tells the handle while it works. */
export interface HostEvents {
  log(line: string): void;
  warning(error: Error): void;
  failed(error: Error): void;
}
