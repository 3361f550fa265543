import type { BinaryToTextEncoding } from "node:crypto";

/** Options of `Files.checksum`. */
export interface ChecksumOptions {
  /** What Node.js can: `sha256`, `sha512`, `sha1`, `md5`, … @default "sha256" */
  readonly algorithm?: string;
  /** @default "hex" */
  readonly encoding?: BinaryToTextEncoding;
  readonly signal?: AbortSignal;
}

/** The checksum of content that streams by; holds one chunk at a time. */
export async function checksumOf(
  chunks: AsyncIterable<Uint8Array>,
  { algorithm = "sha256", encoding = "hex", signal }: ChecksumOptions = {},
): Promise<string> {
  const { createHash } = await import("node:crypto");
  const hash = createHash(algorithm);
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    hash.update(chunk);
  }
  return hash.digest(encoding);
}
