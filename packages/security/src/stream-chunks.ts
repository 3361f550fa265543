import { frame } from "./frame.js";
import { hmac } from "./mac.js";

/** Plain bytes in a chunk; the last one may have fewer, also none. */
export const chunkLength = 64 * 1024;
/** Random bytes behind the header of a stream. */
export const streamSaltLength = 32;

/** The key of one stream: bound to its header, its salt and the context. */
export function streamKey(key: Uint8Array, head: Uint8Array, context: string | undefined): Buffer {
  return hmac(key, frame(head, context));
}

/**
 * The nonce of a chunk: its number, and whether it is the last (the STREAM construction of Hoang, Reyhanitabar, Rogaway
 * and Vizár, 2015). The key is the stream's own, so the numbers may begin with 0.
 *
 * @throws RangeError after 2 ** 48 chunks, 16 exbibytes.
 */
export function chunkNonce(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(index, 5, 6);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}
