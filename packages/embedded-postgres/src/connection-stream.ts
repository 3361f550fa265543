import { Duplex } from "node:stream";

import type { Connection, EngineHost } from "./engine-host.js";

type Callback = (error?: Error | null) => void;

/** What a `pg` client takes for its socket: bytes to the embedded engine and back. */
export class ConnectionStream extends Duplex {
  readonly #open: () => EngineHost;
  #host: EngineHost | undefined;
  #connection: Connection | undefined;
  #held = false;

  /** `open` gives the engine, or throws why there is none. */
  constructor(open: () => EngineHost) {
    super({ allowHalfOpen: false });
    this.#open = open;
  }

  /** Connects; the address that a client gives means nothing. */
  connect(): this {
    try {
      const host = this.#open();
      this.#connection = host.connect({
        data: (bytes) => void this.push(bytes),
        end: (error) => {
          this.#connection = undefined;
          if (error) this.destroy(error);
          else this.push(null);
        },
      });
      this.#host = host;
      this.ref();
      queueMicrotask(() => this.emit("connect"));
    } catch (error) {
      this.destroy(error as Error);
    }
    return this;
  }

  /** Keeps the process alive while the connection is open, as a socket does. */
  ref(): this {
    return this.#hold(true);
  }

  unref(): this {
    return this.#hold(false);
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    this.#connection?.write(chunk);
    callback();
  }

  override _writev(chunks: { readonly chunk: Buffer }[], callback: Callback): void {
    this.#connection?.write(Buffer.concat(chunks.map(({ chunk }) => chunk)));
    callback();
  }

  override _final(callback: Callback): void {
    this.#connection?.end();
    this.#connection = undefined;
    callback();
    this.push(null);
  }

  override _destroy(error: Error | null, callback: Callback): void {
    this.#connection?.end();
    this.#connection = undefined;
    this.#hold(false);
    this.#host = undefined;
    callback(error);
  }

  #hold(alive: boolean): this {
    if (this.#host && this.#held !== alive) {
      this.#held = alive;
      this.#host.hold(alive);
    }
    return this;
  }
}
