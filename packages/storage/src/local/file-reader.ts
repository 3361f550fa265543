import { constants } from "node:fs";
import * as fs from "node:fs/promises";

import type { Files, Jail } from "@infra/files";
import type { FileMetadata, FileRange } from "@infra/interfaces";

import { rangeWithin } from "../byte-range.js";
import { ContentDigest } from "../content-digest.js";
import type { FileAttributes } from "../file-attributes.js";
import { notFound } from "../file-errors.js";
import { ContentReader } from "./content-reader.js";
import { filePath } from "./file-path.js";
import { localError } from "./local-error.js";
import { versionOfStat, type Sidecars } from "./sidecars.js";

/** A file that is open, with what is remembered of just this version of it. */
export interface OpenFile {
  readonly handle: fs.FileHandle;
  readonly metadata: FileMetadata;
}

/** How often a file may be replaced while it is being opened. */
const maxReopens = 20;

/** Opens and reads the files of a folder. */
export class FileReader {
  readonly #jail: Jail;
  readonly #files: Files;
  readonly #sidecars: Sidecars;
  readonly #verify: boolean;

  constructor(jail: Jail, files: Files, sidecars: Sidecars, verify: boolean) {
    this.#jail = jail;
    this.#files = files;
    this.#sidecars = sidecars;
    this.#verify = verify;
  }

  /** @throws FileNotFoundError (`ERR_STORAGE_NOT_FOUND`) */
  async open(fileId: string, signal?: AbortSignal): Promise<OpenFile> {
    for (let attempt = 1; ; attempt += 1) {
      signal?.throwIfAborted();
      try {
        const file = await this.#tryOpen(fileId, attempt < maxReopens);
        if (file) return file;
      } catch (error) {
        throw localError(error, "read", fileId);
      }
    }
  }

  /**
   * The bytes of a file, held against its checksum when they are all of it. It is opened when somebody begins to read, and
   * closed at the end.
   *
   * @throws CorruptFileError (`ERR_STORAGE_CORRUPT`)
   */
  async *read(
    open: () => Promise<OpenFile>,
    range?: FileRange,
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const { handle, metadata } = await open();
    const { fileId, sizeBytes, crc32 } = metadata;
    const digest = range || !this.#verify ? undefined : new ContentDigest();
    let content: ContentReader | undefined;
    try {
      const { start, end } = range
        ? rangeWithin(range, sizeBytes)
        : { start: 0, end: sizeBytes - 1 };
      content = new ContentReader(handle, start, end);
      for (let chunk = await content.next(); chunk; chunk = await content.next()) {
        signal?.throwIfAborted();
        digest?.update(chunk);
        yield chunk;
      }
      digest?.checkStored(fileId, crc32);
    } finally {
      await content?.close();
      await handle.close();
    }
  }

  /** `undefined` when it was replaced before it was known what is remembered of it. */
  async #tryOpen(fileId: string, mayRetry: boolean): Promise<OpenFile | undefined> {
    const path = filePath(fileId);
    const place = await this.#jail.locate(path);
    const handle = await fs.open(place, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    let opened = false;
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) throw notFound(fileId);
      const stat = { sizeBytes: stats.size, modifiedAt: stats.mtime };
      const version = versionOfStat(stat);
      const sidecar = await this.#sidecars.read(fileId, version);
      if (!sidecar && mayRetry) {
        const now = await this.#jail.stat(path);
        if (!now || versionOfStat(now) !== version) return undefined;
      }
      const known = sidecar ?? (await this.#knownByContent(path));
      opened = true;
      return { handle, metadata: metadataOf(fileId, stat, known) };
    } finally {
      if (!opened) await handle.close();
    }
  }

  /** What can be said of a file that another program has put there. */
  async #knownByContent(path: string): Promise<FileAttributes> {
    return { contentType: (await this.#files.contentType(path)).type, metadata: {} };
  }
}

function metadataOf(
  fileId: string,
  stat: { readonly sizeBytes: number; readonly modifiedAt: Date },
  known: FileAttributes & { readonly crc32?: string },
): FileMetadata {
  const { contentType, contentDisposition, cacheControl, sha256, crc32, metadata } = known;
  return {
    fileId,
    sizeBytes: stat.sizeBytes,
    contentType,
    modifiedAt: stat.modifiedAt,
    etag: `"${versionOfStat(stat)}"`,
    ...(contentDisposition !== undefined && { contentDisposition }),
    ...(cacheControl !== undefined && { cacheControl }),
    ...(sha256 !== undefined && { sha256 }),
    ...(crc32 !== undefined && { crc32 }),
    metadata,
  };
}
