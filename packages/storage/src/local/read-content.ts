import type { FileHandle } from "node:fs/promises";

const chunkBytes = 256 * 1024;

/** The bytes of an open file from one to another, both included; the next chunk is read while the last is used. */
export async function* readContent(
  handle: FileHandle,
  start: number,
  end: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const read = (at: number): Promise<{ bytesRead: number; buffer: Buffer }> => {
    const wanted = Math.min(chunkBytes, end + 1 - at);
    return handle.read(Buffer.allocUnsafeSlow(wanted), 0, wanted, at);
  };
  if (end < start) return;
  let pending = read(start);
  try {
    for (let at = start; ;) {
      const { bytesRead, buffer } = await pending;
      signal?.throwIfAborted();
      if (bytesRead === 0) return;
      at += bytesRead;
      const last = at > end;
      if (!last) pending = read(at);
      yield buffer.subarray(0, bytesRead);
      if (last) return;
    }
  } finally {
    // the file is closed next
    await pending.catch(() => undefined);
  }
}
