import { createReadStream } from "node:fs";

import { fileSize } from "../file-size.js";
import { limitError } from "../limit-error.js";

/** Where an image comes from: its bytes, a stream of them, or a file of this machine. */
export type ImageInput = Uint8Array | AsyncIterable<Uint8Array> | { readonly path: string };

/**
 * The bytes of an input. A file is read here and never opened by the image library, which would look beside it for what an
 * SVG refers to.
 *
 * @throws LimitExceededError before more than `maxBytes` are held; TypeError for what is no input; FileNotFoundError
 * (`ERR_FILES_NOT_FOUND`) of `@infra/files`.
 */
export async function readInput(
  input: ImageInput,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Buffer> {
  if (input instanceof Uint8Array || ArrayBuffer.isView(input)) {
    const { buffer, byteOffset, byteLength } = input as Uint8Array;
    if (byteLength > maxBytes) throw tooLarge(maxBytes, byteLength);
    return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
  }
  if (typeof input === "object" && input !== null) {
    if ("path" in input && typeof input.path === "string") {
      const sizeBytes = await fileSize(input.path);
      if (sizeBytes > maxBytes) throw tooLarge(maxBytes, sizeBytes);
      return collect(createReadStream(input.path, { signal }), maxBytes, signal);
    }
    if (Symbol.asyncIterator in input) return collect(input, maxBytes, signal);
  }
  throw new TypeError(
    `input must be bytes, a stream of bytes or { path }; got ${typeof input === "string" ? "a text" : typeof input}`,
  );
}

async function collect(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    length += chunk.length;
    if (length > maxBytes) throw tooLarge(maxBytes);
    parts.push(chunk);
  }
  return Buffer.concat(parts, length);
}

function tooLarge(allowed: number, found?: number): Error {
  return limitError({ what: "the image", limit: "maxInputSize", allowed, found });
}
