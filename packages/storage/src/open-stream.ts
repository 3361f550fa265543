import { Readable } from "node:stream";

import type { FileRange, IStorageProvider } from "@infra/interfaces";

import { rangeWithin } from "./byte-range.js";

/** What {@link openStream} opens. */
export interface StreamRequest {
  readonly range: FileRange | undefined;
  /** Ends the reading, too. */
  readonly signal: AbortSignal | undefined;
  /** What a provider without streams may read into memory. */
  readonly maxBytes: number;
}

/**
 * Opens a file as a stream; what a provider that has no streams gives is made one.
 *
 * @param opening ends the wait for it.
 */
export async function openStream(
  provider: IStorageProvider,
  key: string,
  { range, signal, maxBytes }: StreamRequest,
  opening: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  if (provider.getFileStream) return provider.getFileStream(key, { signal, range });
  const content = await provider.getFileContent(key, { signal: opening, maxBytes });
  if (!range) return Readable.from([content]);
  const { start, end } = rangeWithin(range, content.length);
  return Readable.from([content.subarray(start, end + 1)]);
}
