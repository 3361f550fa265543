import type { FileHandle } from "node:fs/promises";

const chunkBytes = 256 * 1024;

/** The bytes of an open file from one to another, both included; the next chunk is read while the last is used. */
export class ContentReader {
  readonly #handle: FileHandle;
  readonly #end: number;
  #at: number;
  #pending: Promise<{ readonly bytesRead: number; readonly buffer: Buffer }> | undefined;

  constructor(handle: FileHandle, start: number, end: number) {
    this.#handle = handle;
    this.#end = end;
    this.#at = start;
  }

  /** The next chunk; `undefined` at the end. */
  async next(): Promise<Buffer | undefined> {
    const { bytesRead, buffer } = (await (this.#pending ?? this.#read())) ?? {};
    this.#pending = undefined;
    if (!bytesRead) return undefined;
    this.#at += bytesRead;
    this.#pending = this.#read();
    return bytesRead === buffer!.length ? buffer : buffer!.subarray(0, bytesRead);
  }

  /** Waits for what is being read, so that the file can be closed. */
  async close(): Promise<void> {
    await this.#pending?.catch(() => undefined);
  }

  #read(): Promise<{ readonly bytesRead: number; readonly buffer: Buffer }> | undefined {
    const wanted = Math.min(chunkBytes, this.#end + 1 - this.#at);
    if (wanted <= 0) return undefined;
    const reading = this.#handle.read(Buffer.allocUnsafeSlow(wanted), 0, wanted, this.#at);
    // it may fail before anybody asks for it
    reading.catch(() => undefined);
    return reading;
  }
}
