import { createCipheriv } from "node:crypto";

/** All chunks of a stream. */
export async function chunksOf(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

/** So many bytes, no two stretches alike. */
export function bytesOf(length: number): Buffer {
  return createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16)).update(
    Buffer.alloc(length),
  );
}

/** Content as a stream, with something that happens when a share of it has gone by. */
export async function* streamOf(
  content: Buffer,
  share = 2,
  then: () => Promise<void> = async () => {},
): AsyncGenerator<Uint8Array> {
  const chunkBytes = 64 * 1024;
  const point = content.length * share;
  for (let at = 0; at < content.length; at += chunkBytes) {
    const end = Math.min(at + chunkBytes, content.length);
    if (at <= point && point < end) {
      yield content.subarray(at, Math.floor(point));
      await then();
      yield content.subarray(Math.floor(point), end);
    } else {
      yield content.subarray(at, end);
    }
  }
}
