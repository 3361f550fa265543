import type { PGlite } from "@electric-sql/pglite";

import { queryMessage } from "../protocol/messages.js";
import { readReply, readRows, type Reply } from "./reply.js";

/**
 * The one PostgreSQL backend. Every call runs to its end before it returns: nothing else happens in this thread
 * meanwhile.
 */
export class Backend {
  readonly #pglite: PGlite;
  #failure: Error | undefined;
  #onFailure: ((error: Error) => void) | undefined;

  constructor(pglite: PGlite) {
    this.#pglite = pglite;
  }

  /** Calls back once, when the backend has died and will answer nothing any more. */
  onFailure(callback: (error: Error) => void): void {
    this.#onFailure = callback;
  }

  /** Why the backend is dead; `undefined` while it lives. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Sends messages, and returns what is answered. */
  exchange(messages: Buffer, copyIn = false): Reply {
    const reply = readReply(this.#raw(messages), copyIn);
    if (reply.fatal !== undefined) this.fail(new Error(reply.fatal));
    return reply;
  }

  /** Runs statements of the multiplexer's own, and returns their rows in text. */
  rows(sql: string): (string | undefined)[][] {
    return readRows(this.#raw(queryMessage(sql)));
  }

  /** Declares the backend dead. */
  fail(error: Error): void {
    if (this.#failure) return;
    this.#failure = error;
    this.#onFailure?.(error);
  }

  #raw(messages: Buffer): Buffer {
    if (this.#failure) throw this.#failure;
    const chunks: Buffer[] = [];
    // runs synchronously to its end; what execProtocolRaw returns instead leaks
    this.#pglite
      .execProtocolRawStream(messages, {
        syncToFs: false,
        // the bytes are the backend's memory, which it will reuse
        onRawData: (data) => void chunks.push(Buffer.from(data)),
      })
      .catch((error: unknown) => this.fail(error as Error));
    return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  }
}
