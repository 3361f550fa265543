import { toBytes, type ByteSize } from "@infra/interfaces";

/**
 * A size that a person wrote, in bytes: `512`, `64kb`, `1.5 MB`, `10 MiB`, `2g`. Powers of 1,024.
 *
 * @throws RangeError when it is none of these.
 */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/i.exec(text.trim());
  if (!match) {
    throw new RangeError(
      `parseBytes: text must be such as "512", "64kb" or "1.5 MB", got ${JSON.stringify(text)}`,
    );
  }
  return toBytes(`${match[1]}${match[2]!.toLowerCase()}b` as ByteSize, "parseBytes: text");
}
