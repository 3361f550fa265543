import { open } from "node:fs/promises";

import { Files } from "@infra/files";
import { contentTypeOf, contentTypeSampleBytes } from "@infra/files/content-type";

import { UnsupportedFormatError } from "../errors.js";
import { fileSize } from "../file-size.js";
import { limitError } from "../limit-error.js";
import { allowedDemuxers } from "./safe-input.js";

/** Where video or audio comes from: its bytes, a stream of them, or a file of this machine. */
export type MediaInput = Uint8Array | AsyncIterable<Uint8Array> | { readonly path: string };

/** A file that can be read until it is let go of. */
export interface MediaFile extends AsyncDisposable {
  readonly path: string;
  readonly sizeBytes: number;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * An input as a file: what is none is written to a temporary one, for ffmpeg has to go back and forth in it.
 *
 * @throws LimitExceededError beyond `maxBytes`; UnsupportedFormatError for text, such as a playlist, and for images
 */
export async function openMedia(
  input: MediaInput,
  maxBytes: number,
  signal: AbortSignal,
): Promise<MediaFile> {
  if (typeof input === "object" && input !== null && "path" in input) {
    const sizeBytes = await fileSize(input.path);
    await checkFile(input.path, maxBytes);
    return { path: input.path, sizeBytes, [Symbol.asyncDispose]: async () => {} };
  }
  if (!ArrayBuffer.isView(input) && !(input && Symbol.asyncIterator in Object(input))) {
    throw new TypeError(
      `input must be bytes, a stream of bytes or { path }; got ${typeof input === "string" ? "a text" : typeof input}`,
    );
  }
  const files = new Files();
  const temporary = await files.tempFile({ name: "input" });
  try {
    const options = { durable: false, signal };
    await files.write(temporary.path, bounded(input, maxBytes), options);
    await checkFile(temporary.path, maxBytes);
    const { sizeBytes } = await files.stat(temporary.path);
    const { path } = temporary;
    return { path, sizeBytes, [Symbol.asyncDispose]: () => temporary.remove() };
  } catch (error) {
    await temporary.remove();
    throw error;
  }
}

async function* bounded(
  input: Uint8Array | AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let length = 0;
  for await (const chunk of ArrayBuffer.isView(input) ? [input] : input) {
    length += chunk.length;
    if (length > maxBytes) {
      throw limitError({ what: "the file", limit: "maxInputSize", allowed: maxBytes });
    }
    yield chunk;
  }
}

async function checkFile(path: string, maxBytes: number): Promise<void> {
  await using file = await open(path);
  const { size } = await file.stat();
  if (size > maxBytes) {
    throw limitError({ what: "the file", limit: "maxInputSize", allowed: maxBytes, found: size });
  }
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(contentTypeSampleBytes) });
  const { type } = contentTypeOf(buffer.subarray(0, bytesRead));
  if (/^(video|audio)\//.test(type) || type === "image/gif" || type === "image/png") return;
  // what has no known beginning is ffmpeg's to tell, among the formats that it may read
  if (type === "application/octet-stream" && bytesRead > 0) return;
  throw new UnsupportedFormatError(`the content is ${type}, which is no video or audio`, {
    details: { type, allowed: allowedDemuxers },
  });
}
