import { toBytes, type ByteSize } from "@infra/interfaces";

import { ArchiveLimitError } from "../errors.js";

/** What an archive may come to. */
export interface ArchiveLimits {
  /** How many entries. @default 10_000 */
  readonly maxEntries?: number;
  /** How much it may unpack to; of a TAR, the headers count too. @default "1gb" */
  readonly maxSize?: ByteSize;
  /** How many times its own size it may unpack to, once that is over a megabyte. @default 200 */
  readonly maxRatio?: number;
}

// a small file of zeros has any ratio, and hurts nobody
const ratioFromBytes = 1024 ** 2;

/** Counts what really comes out of an archive, whatever its headers say, and stops it at its limits. */
export class Meter {
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  readonly #maxRatio: number;
  #entries = 0;
  #bytesIn = 0;
  #bytesOut = 0;

  /** @throws RangeError for a limit that is none. */
  constructor({ maxEntries = 10_000, maxSize = "1gb", maxRatio = 200 }: ArchiveLimits = {}) {
    this.#maxEntries = atLeastOne(maxEntries, "maxEntries");
    this.#maxRatio = atLeastOne(maxRatio, "maxRatio");
    this.#maxBytes = toBytes(maxSize, "maxSize");
  }

  /** One more entry. @throws ArchiveLimitError */
  entry(): void {
    this.#entries += 1;
    if (this.#entries > this.#maxEntries) throw limit("maxEntries", `${this.#maxEntries} entries`);
  }

  /** So many more bytes of the archive itself. */
  read(bytes: number): void {
    this.#bytesIn += bytes;
  }

  /** So many more bytes of what it unpacks to. @throws ArchiveLimitError */
  unpacked(bytes: number): void {
    this.#bytesOut += bytes;
    if (this.#bytesOut > this.#maxBytes) throw limit("maxSize", `${this.#maxBytes} bytes`);
    if (this.#bytesOut > ratioFromBytes && this.#bytesOut > this.#maxRatio * this.#bytesIn) {
      throw limit("maxRatio", `${this.#maxRatio} times its own size`);
    }
  }
}

function atLeastOne(value: number, name: string): number {
  if (typeof value === "number" && value >= 1) return value;
  throw new RangeError(`${name} must be a number from 1; got ${String(value)}`);
}

function limit(name: "maxEntries" | "maxSize" | "maxRatio", what: string): Error {
  return new ArchiveLimitError(`the archive unpacks to more than ${what} (${name})`, {
    details: { limit: name },
  });
}
