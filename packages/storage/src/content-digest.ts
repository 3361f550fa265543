import { createHash, type Hash } from "node:crypto";
import { crc32 } from "node:zlib";

import { ChecksumMismatchError, CorruptFileError } from "./errors.js";

/** Length and checksums of content that streams by. SHA-256, which takes eight times as long, only when asked for. */
export class ContentDigest {
  sizeBytes = 0;
  readonly #sha256: Hash | undefined;
  readonly #expected: string | undefined;
  #crc32 = 0;

  /** @param sha256 what the content must have. */
  constructor(sha256?: string) {
    this.#expected = sha256;
    this.#sha256 = sha256 === undefined ? undefined : createHash("sha256");
  }

  update(chunk: Uint8Array): void {
    this.sizeBytes += chunk.length;
    this.#crc32 = crc32(chunk, this.#crc32);
    this.#sha256?.update(chunk);
  }

  /** Eight digits in hex. */
  get crc32(): string {
    return this.#crc32.toString(16).padStart(8, "0");
  }

  /** @throws ChecksumMismatchError (`ERR_STORAGE_CHECKSUM`) when the content is not the one that was announced. */
  check(): void {
    const found = this.#sha256?.digest("hex");
    if (found === this.#expected) return;
    throw new ChecksumMismatchError(
      `the content has the SHA-256 ${found}, expected was ${this.#expected} (sha256)`,
      { publicMessage: "The content is not the one that was announced: its checksum differs." },
    );
  }

  /** @throws CorruptFileError (`ERR_STORAGE_CORRUPT`) when the content is not what was stored. */
  checkStored(fileId: string, stored: string | undefined): void {
    if (stored === undefined || stored === this.crc32) return;
    throw corrupt(fileId, `its CRC-32 is ${this.crc32}, stored was ${stored}`);
  }
}

/** The error of a file that is not what was stored. */
export function corrupt(fileId: string, why: string, cause?: unknown): Error {
  return new CorruptFileError(`the file ${JSON.stringify(fileId)} is damaged: ${why}`, {
    details: { fileId },
    publicMessage: "The file is damaged.",
    ...(cause !== undefined && { cause }),
  });
}
