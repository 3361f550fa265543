import type { FileHandle } from "node:fs/promises";

import type { StoreProgress } from "@infra/interfaces";

import type { ContentDigest } from "../content-digest.js";

const batchBytes = 512 * 1024;
const batchChunks = 256;

/**
 * Writes content to a new file, in few large writes, one of them under way while the next is gathered.
 *
 * @param digest is told every chunk.
 */
export async function writeContent(
  handle: FileHandle,
  content: AsyncIterable<Uint8Array>,
  digest: ContentDigest,
  options: {
    readonly signal?: AbortSignal | undefined;
    readonly sizeBytes?: number | undefined;
    readonly onProgress?: ((progress: StoreProgress) => void) | undefined;
  },
): Promise<void> {
  const { signal, sizeBytes, onProgress } = options;
  let batch: Uint8Array[] = [];
  let gathered = 0;
  let written = 0;
  let writing: Promise<void> = Promise.resolve();
  const flush = async (): Promise<void> => {
    await writing;
    if (gathered === 0) return;
    const [chunks, length] = [batch, gathered];
    [batch, gathered] = [[], 0];
    writing = (async () => {
      await writeAll(handle, chunks);
      written += length;
      onProgress?.({ storedBytes: written, totalBytes: sizeBytes });
    })();
    // it is awaited before the next one, or at the end
    writing.catch(() => undefined);
  };
  try {
    for await (const chunk of content) {
      for (let at = 0; at < chunk.length; at += batchBytes) {
        signal?.throwIfAborted();
        const part = chunk.subarray(at, at + batchBytes);
        digest.update(part);
        batch.push(part);
        gathered += part.length;
        if (gathered >= batchBytes || batch.length >= batchChunks) await flush();
      }
    }
    await flush();
  } finally {
    await writing;
  }
}

async function writeAll(handle: FileHandle, chunks: Uint8Array[]): Promise<void> {
  let left = chunks;
  while (left.length > 0) {
    let { bytesWritten } = await handle.writev(left);
    const rest: Uint8Array[] = [];
    for (const chunk of left) {
      if (bytesWritten < chunk.length) rest.push(chunk.subarray(bytesWritten));
      bytesWritten = Math.max(0, bytesWritten - chunk.length);
    }
    left = rest;
  }
}
