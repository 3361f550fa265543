/** Bytes that come in any pieces and go out in pieces of one size. */
export class ChunkBuffer {
  #pieces: Buffer[] = [];
  #length = 0;

  /** How many are held. */
  get length(): number {
    return this.#length;
  }

  /** Takes bytes over: they must not change any more. */
  push(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#pieces.push(bytes);
    this.#length += bytes.length;
  }

  /** The first so many bytes, or all when there are fewer. */
  take(count: number): Buffer {
    const joined = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
    const taken = joined.subarray(0, count);
    const rest = joined.subarray(count);
    this.#pieces = rest.length > 0 ? [rest] : [];
    this.#length = rest.length;
    return taken;
  }
}
