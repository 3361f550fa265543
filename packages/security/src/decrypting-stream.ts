import { Transform, type TransformCallback } from "node:stream";

import { open, tagLength, type AeadAlgorithm } from "./aead.js";
import { ChunkBuffer } from "./chunk-buffer.js";
import { longestHeader, readHeader, type EncryptedHeader } from "./encrypted-header.js";
import { DecryptionError } from "./errors.js";
import { chunkLength, chunkNonce, streamKey, streamSaltLength } from "./stream-chunks.js";

const nothing = Buffer.alloc(0);

/** The way back from {@link EncryptingStream}; fails with a DecryptionError. */
export class DecryptingStream extends Transform {
  readonly #context: string | undefined;
  readonly #keyOf: (header: EncryptedHeader) => Uint8Array | undefined;
  readonly #waiting = new ChunkBuffer();
  #opened: { readonly algorithm: AeadAlgorithm; readonly key: Buffer } | undefined;
  #index = 0;

  /** @param keyOf the key that made what has this header; `undefined` when it must not be read. */
  constructor(
    context: string | undefined,
    keyOf: (header: EncryptedHeader) => Uint8Array | undefined,
  ) {
    super();
    this.#context = context;
    this.#keyOf = keyOf;
  }

  override _transform(bytes: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#waiting.push(bytes);
    try {
      if (!this.#opened && this.#waiting.length >= longestHeader + streamSaltLength) this.#begin();
      while (this.#opened && this.#waiting.length > chunkLength + tagLength) this.#open(false);
    } catch (error) {
      return done(error as Error);
    }
    done();
  }

  override _flush(done: TransformCallback): void {
    try {
      if (!this.#opened) this.#begin();
      // what begins like a whole stream and is longer than a chunk, since the header was shorter than the longest
      while (this.#waiting.length > chunkLength + tagLength) this.#open(false);
      this.#open(true);
    } catch (error) {
      return done(error as Error);
    }
    done();
  }

  #begin(): void {
    const bytes = this.#waiting.take(Infinity);
    const read = readHeader("stream", bytes);
    const end = read ? read.length + streamSaltLength : Infinity;
    const key = read && bytes.length >= end ? this.#keyOf(read.header) : undefined;
    if (!read || !key) throw failure();
    const head = bytes.subarray(0, end);
    this.#opened = {
      algorithm: read.header.algorithm,
      key: streamKey(key, head, this.#context),
    };
    this.#waiting.push(bytes.subarray(end));
  }

  #open(isLast: boolean): void {
    const { algorithm, key } = this.#opened!;
    const nonce = chunkNonce(this.#index, isLast);
    this.#index += 1;
    const plain = open(
      algorithm,
      { key, nonce, associated: nothing },
      this.#waiting.take(chunkLength + tagLength),
    );
    if (!plain) throw failure();
    this.push(plain);
  }
}

function failure(): Error {
  return new DecryptionError("it can't be decrypted");
}
