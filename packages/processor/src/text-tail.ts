/** The end of a text that comes in chunks: so many bytes of it. */
export class TextTail {
  readonly #maxBytes: number;
  #tail: Buffer = Buffer.alloc(0);

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(chunk: Buffer): void {
    this.#tail = Buffer.concat([this.#tail, chunk]).subarray(-this.#maxBytes);
  }

  text(): string {
    return this.#tail.toString("utf8").trim();
  }
}
