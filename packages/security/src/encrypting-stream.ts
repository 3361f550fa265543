import { randomBytes } from "node:crypto";
import { Transform, type TransformCallback } from "node:stream";

import { seal, type AeadAlgorithm } from "./aead.js";
import { ChunkBuffer } from "./chunk-buffer.js";
import { writeHeader, type EncryptedHeader } from "./encrypted-header.js";
import { chunkLength, chunkNonce, streamKey, streamSaltLength } from "./stream-chunks.js";

const nothing = Buffer.alloc(0);

/** Header, salt, and chunks that are sealed one by one. */
export class EncryptingStream extends Transform {
  readonly #algorithm: AeadAlgorithm;
  readonly #head: Buffer;
  readonly #key: Buffer;
  readonly #waiting = new ChunkBuffer();
  #index = 0;

  constructor(header: EncryptedHeader, key: Uint8Array, context: string | undefined) {
    super();
    this.#algorithm = header.algorithm;
    this.#head = Buffer.concat([writeHeader("stream", header), randomBytes(streamSaltLength)]);
    this.#key = streamKey(key, this.#head, context);
  }

  override _transform(bytes: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#waiting.push(bytes);
    // one chunk is held back: the last one is marked
    while (this.#waiting.length > chunkLength) this.#seal(false);
    done();
  }

  override _flush(done: TransformCallback): void {
    this.#seal(true);
    done();
  }

  #seal(isLast: boolean): void {
    if (this.#index === 0) this.push(this.#head);
    const nonce = chunkNonce(this.#index, isLast);
    this.#index += 1;
    this.push(
      seal(
        this.#algorithm,
        { key: this.#key, nonce, associated: nothing },
        this.#waiting.take(chunkLength),
      ),
    );
  }
}
