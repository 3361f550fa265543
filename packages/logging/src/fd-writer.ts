import { writeSync } from "node:fs";

const retryMs = 2;
const longestWaitMs = 2000;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * Writes to a file descriptor, all of it before the call returns: nothing is left behind when the process ends in the
 * next statement. A pipe whose reader is slow is waited for, up to two seconds; then the line is given up with an error,
 * and as long as the reader does not move, so are the following ones, without waiting.
 */
export class FdWriter {
  readonly #fd: number;
  #stuck = false;
  #torn = false;

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(text: string): void {
    const whole = this.#torn ? `\n${text}` : text;
    const written = this.#attempt(whole);
    // UTF-8 is never shorter than the count of characters; where it is longer, the bytes have to be counted
    if (written < whole.length || written < Buffer.byteLength(whole)) {
      this.#writeRest(Buffer.from(whole).subarray(written), written > 0);
    }
    this.#stuck = false;
    this.#torn = false;
  }

  #writeRest(bytes: Buffer, begun: boolean): void {
    let rest = bytes;
    let endMs = performance.now() + longestWaitMs;
    this.#torn ||= begun;
    while (rest.length > 0) {
      const written = this.#attempt(rest);
      if (written > 0) {
        rest = rest.subarray(written);
        this.#torn = true;
        endMs = performance.now() + longestWaitMs;
        continue;
      }
      if (this.#stuck || performance.now() >= endMs) {
        this.#stuck = true;
        throw new Error(`nobody reads from file descriptor ${this.#fd}`);
      }
      Atomics.wait(sleeper, 0, 0, retryMs);
    }
  }

  /** How many bytes were taken: none when there is no room. */
  #attempt(data: string | Buffer): number {
    try {
      return typeof data === "string" ? writeSync(this.#fd, data) : writeSync(this.#fd, data);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return 0;
      throw error;
    }
  }
}
