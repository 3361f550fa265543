import { tooLarge } from "./file-errors.js";

/**
 * All chunks as one buffer, never more than `maxBytes`.
 *
 * @throws TooLargeError (`ERR_STORAGE_TOO_LARGE`) as soon as there are more; `bound` is the option that says so.
 */
export async function collect(
  chunks: AsyncIterable<Uint8Array>,
  fileId: string,
  maxBytes: number,
  bound: string,
): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge(fileId, maxBytes, bound);
    parts.push(chunk);
  }
  return Buffer.concat(parts, length);
}
