import type { Envelope, Position } from "./envelope.js";

/** What an engine tells the service. */
export interface EngineHandler {
  /** A message came: of another process, or a kept one. `via`: only for subscriptions to just this pattern. */
  onMessage(envelope: Envelope, via?: string): void;
  /** Messages may have been missed. */
  onGap(reason: string): void;
  /** The connection broke, or is back. */
  onState(connected: boolean, error?: unknown): void;
}

/** Kept messages. */
export interface StoredPage {
  /** In their order; each has a `place`. */
  readonly messages: readonly Envelope[];
  /** Whether messages after the position are no longer there. */
  readonly lost: boolean;
  /** The log that was read. */
  readonly epoch: string;
}

/** Options of what an engine does. */
export interface EngineCallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What carries messages between processes, and keeps those of durable topics. */
export interface PubSubEngine {
  readonly name: string;
  /** Connects. Rejects when the first attempt fails, and goes on trying by itself. */
  open(handler: EngineHandler): Promise<void>;
  /** Hears what others publish on a topic or pattern. Resolves at once while there is no connection. */
  listen(pattern: string): Promise<void>;
  unlisten(pattern: string): Promise<void>;
  /** Hands a message to the other processes; this one has it already. */
  send(envelope: Envelope, options?: EngineCallOptions): Promise<void>;
  /** Keeps a message, and hands it to all processes, this one included. */
  append(envelope: Envelope, options?: EngineCallOptions): Promise<void>;
  /** What is kept of a topic or pattern after a position; `undefined`: from the oldest. */
  read(
    pattern: string,
    after: Position | undefined,
    limit: number,
    options?: EngineCallOptions,
  ): Promise<StoredPage>;
  /** The end of the log. */
  position(options?: EngineCallOptions): Promise<Position>;
  /** Rejects when the engine does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** How long, and how much, messages are kept. */
export interface Retention {
  /** Messages of each topic at the least; somewhat more may be there. */
  readonly keepMessages: number;
  /** How long at the least, in milliseconds. */
  readonly keepForMs: number;
}
