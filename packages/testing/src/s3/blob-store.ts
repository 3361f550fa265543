import { createReadStream } from "node:fs";
import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";

/** Bytes on disk, removed when nothing refers to them any more. */
export class Blob {
  readonly path: string;
  readonly sizeBytes: number;
  readonly crc32: number;
  #references = 1;

  constructor(path: string, sizeBytes: number, crc32: number) {
    this.path = path;
    this.sizeBytes = sizeBytes;
    this.crc32 = crc32;
  }

  retain(): this {
    this.#references += 1;
    return this;
  }

  async release(): Promise<void> {
    this.#references -= 1;
    if (this.#references === 0) await rm(this.path, { force: true });
  }
}

/** The folder of the blobs. */
export class BlobStore {
  readonly #folder: string;
  #made = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Writes what comes to a file of its own, which is removed again when it breaks off; `crc32` is asked at the end. */
  async write(chunks: AsyncIterable<Uint8Array>, crc32: () => number): Promise<Blob> {
    await mkdir(this.#folder, { recursive: true });
    const path = join(this.#folder, String((this.#made += 1)));
    const handle = await open(path, "wx");
    let sizeBytes = 0;
    try {
      for await (const chunk of chunks) {
        await handle.writeFile(chunk);
        sizeBytes += chunk.length;
      }
      return new Blob(path, sizeBytes, crc32());
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
  }
}

/** Bytes of blobs one behind the other, from one to another, both included. */
export async function* readBlobs(
  blobs: readonly Blob[],
  start: number,
  end: number,
): AsyncGenerator<Buffer> {
  let at = 0;
  for (const { path, sizeBytes } of blobs) {
    const from = Math.max(0, start - at);
    const to = Math.min(sizeBytes - 1, end - at);
    at += sizeBytes;
    if (from <= to)
      yield* createReadStream(path, { start: from, end: to, highWaterMark: 256 * 1024 });
  }
}
