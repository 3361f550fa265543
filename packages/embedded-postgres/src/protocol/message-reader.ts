// PostgreSQL's own bound
const maxLength = 0x3fff_ffff;

/** Cuts a client's bytes, which arrive in any pieces, into messages. */
export class MessageReader {
  #chunks: Buffer[] = [];
  #length = 0;

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /**
   * The next packet of the start of a connection, which has no type: its body; `undefined` until it is complete.
   *
   * @throws RangeError when the client does not speak PostgreSQL's protocol.
   */
  nextStartupPacket(): Buffer | undefined {
    return this.#take(0)?.subarray(4);
  }

  /**
   * The next message, type and length included; `undefined` until it is complete.
   *
   * @throws RangeError when the client does not speak PostgreSQL's protocol.
   */
  nextMessage(): Buffer | undefined {
    return this.#take(1);
  }

  /** A piece whose length stands at `offset` and counts itself, but not what is before it. */
  #take(offset: number): Buffer | undefined {
    if (this.#length < offset + 4) return undefined;
    if (this.#chunks[0]!.length < offset + 4) this.#join();
    const length = this.#chunks[0]!.readUInt32BE(offset);
    if (length < 4 || length > maxLength) throw new RangeError("invalid message length");
    const end = offset + length;
    if (this.#length < end) return undefined;
    if (this.#chunks[0]!.length < end) this.#join();
    const first = this.#chunks[0]!;
    if (first.length === end) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(end);
    this.#length -= end;
    return first.subarray(0, end);
  }

  /** Only when a message spans chunks and is there in whole, so that a long one is not copied at each chunk. */
  #join(): void {
    this.#chunks = [Buffer.concat(this.#chunks)];
  }
}
