/** A part of a content, in a buffer that is used again once `release` was called. */
export interface Part {
  readonly bytes: Buffer;
  readonly release: () => void;
}

/**
 * Content in parts of one size, all but the last. There are never more buffers than parts in use at once, and they are
 * used again and again: a large content takes no more memory than that.
 */
export async function* fillParts(
  content: AsyncIterable<Uint8Array>,
  partBytes: number,
): AsyncGenerator<Part> {
  const free: Buffer[] = [];
  const take = (): Buffer => free.pop() ?? Buffer.allocUnsafeSlow(partBytes);
  const partOf = (buffer: Buffer, length: number): Part => ({
    bytes: buffer.subarray(0, length),
    release: () => void free.push(buffer),
  });
  let buffer = take();
  let length = 0;
  for await (const chunk of content) {
    for (let at = 0; at < chunk.length;) {
      if (length === partBytes) {
        yield partOf(buffer, length);
        [buffer, length] = [take(), 0];
      }
      const piece = chunk.subarray(at, at + partBytes - length);
      buffer.set(piece, length);
      length += piece.length;
      at += piece.length;
    }
  }
  // also when it is empty: an object of no bytes is an object
  yield partOf(buffer, length);
}
