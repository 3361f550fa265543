import { createGunzip, createGzip } from "node:zlib";

import { toBytes, type ByteSize } from "@infra/interfaces";

import { checkNumber } from "../check-argument.js";
import { CorruptInputError } from "../errors.js";
import { limitError } from "../limit-error.js";
import { throughStream } from "../pipeline/stage.js";
import { untilAborted, type Codec } from "./codec-stage.js";

/** Options of {@link gzip}. */
export interface GzipOptions {
  /** 1 is quick, 9 is small. @default 6 */
  readonly level?: number;
}

/** Options of {@link gunzip}. */
export interface GunzipOptions {
  /** What it may unpack to, counted as it comes out. @default "1gb" */
  readonly maxSize?: ByteSize;
  /** How many times its own size it may unpack to, from a megabyte on. @default 200 */
  readonly maxRatio?: number;
}

/** Bytes, or text as UTF-8, compressed. */
export function gzip(options: GzipOptions = {}): Codec<string | Uint8Array, Buffer> {
  const level = checkNumber(options.level ?? 6, "level", { least: 0, most: 9 });
  return (chunks, { signal } = {}) =>
    throughStream<Buffer>(untilAborted(chunks, signal), createGzip({ level }), signal);
}

/**
 * Compressed bytes, unpacked.
 *
 * @throws CorruptInputError (`ERR_PROCESSOR_CORRUPT`) when they are damaged or cut short; LimitExceededError
 * (`ERR_PROCESSOR_LIMIT`) beyond `maxSize` and `maxRatio`: such an archive is made to fill a memory or a disk.
 */
export function gunzip(options: GunzipOptions = {}): Codec<Uint8Array, Buffer> {
  const maxBytes = toBytes(options.maxSize ?? "1gb", "maxSize");
  const maxRatio = checkNumber(options.maxRatio ?? 200, "maxRatio", { least: 1, whole: false });
  return async function* (chunks, { signal } = {}) {
    let packedBytes = 0;
    let bytes = 0;
    async function* counted(): AsyncGenerator<Uint8Array, void, undefined> {
      for await (const chunk of untilAborted(chunks, signal)) {
        packedBytes += chunk.length;
        yield chunk;
      }
    }
    try {
      for await (const chunk of throughStream<Buffer>(counted(), createGunzip(), signal)) {
        bytes += chunk.length;
        if (bytes > maxBytes) {
          throw limitError({ what: "the content", limit: "maxSize", allowed: maxBytes });
        }
        if (bytes > 1024 ** 2 && bytes > packedBytes * maxRatio) {
          const allowed = Math.floor(packedBytes * maxRatio);
          throw limitError({ what: "the content", limit: "maxRatio", allowed, found: bytes });
        }
        yield chunk;
      }
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (!code?.startsWith("Z_")) throw error;
      throw new CorruptInputError(`the content is no whole gzip: ${message}`, { cause: error });
    }
  };
}
