/** A connection of engine.io, as far as its buffers go. */
export interface EngineConnection {
  readonly readyState: string;
  readonly transport: {
    readonly name: string;
    readonly writable: boolean;
    readonly perMessageDeflate?: unknown;
    /** Of the transport `polling`: how long it waits for a request to answer with the end, in milliseconds. */
    closeTimeout?: number;
    /** Of the transport `websocket`: a `WebSocket` of ws. */
    readonly socket?:
      | { terminate?(): void; readonly _sender?: { readonly sendFrame?: unknown } }
      | undefined;
  };
  write(data: string, options: object): unknown;
  on(event: string, listener: (...args: never[]) => void): unknown;
  close(discard?: boolean): void;
}

interface OutgoingPacket {
  readonly data?: string | { readonly byteLength: number };
}

/**
 * Counts what waits to be sent to one client. Neither socket.io nor engine.io bounds that: who stops to read costs the
 * server everything that he is sent.
 */
export class OutboundMeter {
  readonly #connection: EngineConnection;
  readonly #limit: number;
  readonly #onFull: () => void;
  #queued = 0;
  #handed = 0;
  #full = false;
  #waiting: (() => void)[] = [];

  constructor(connection: EngineConnection, limit: number, onFull: () => void) {
    this.#connection = connection;
    this.#limit = limit;
    this.#onFull = onFull;
    connection.on("packetCreate", ({ data }: OutgoingPacket) => {
      if (data === undefined) return;
      this.#queued += typeof data === "string" ? data.length : data.byteLength;
      if (this.#queued > limit && !this.#full) this.#fill();
    });
    // what was queued goes to the transport, which takes more when all of it has left
    connection.on("flush", () => {
      this.#handed = this.#queued;
      this.#queued = 0;
      if (this.#waiting.length > 0) setImmediate(() => this.#empty());
    });
    connection.on("close", () => this.#empty());
  }

  /** Bytes that wait, roughly. */
  get pendingBytes(): number {
    return this.#queued + (this.#connection.transport.writable ? 0 : this.#handed);
  }

  get hasRoom(): boolean {
    return this.#queued < this.#limit / 4;
  }

  /** Resolves when there is room, or the connection is closed. */
  room(): Promise<void> {
    if (this.hasRoom || this.#connection.readyState !== "open") return Promise.resolve();
    return new Promise((resolve) => void this.#waiting.push(resolve));
  }

  #fill(): void {
    this.#full = true;
    this.#onFull();
  }

  #empty(): void {
    if (!this.hasRoom && this.#connection.readyState === "open") return;
    this.#full = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const each of waiting) each();
  }
}
