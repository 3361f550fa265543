import {
  systemClock,
  toBytes,
  type ByteSize,
  type Clock,
  type FileContentOptions,
  type FileList,
  type FileMetadata,
  type FileRange,
  type HealthReport,
  type IStorageProvider,
  type ListFilesOptions,
  type StorageCallOptions,
  type StoreFileOptions,
} from "@infra/interfaces";

import { rangeWithin } from "../byte-range.js";
import { collect } from "../collect.js";
import { ContentDigest, corrupt } from "../content-digest.js";
import { attributesOf } from "../file-attributes.js";
import { alreadyExists, notFound, tooLarge } from "../file-errors.js";
import { chunksOf } from "../incoming-chunks.js";
import { pageOf } from "../page-of.js";

/** Options of {@link MemoryStorageProvider}. */
export interface MemoryStorageOptions {
  /** What all files together may hold; more is an error. @default "256mb" */
  readonly capacity?: ByteSize | undefined;
}

/** Collaborators of {@link MemoryStorageProvider}. */
export interface MemoryStorageDependencies {
  readonly clock?: Clock | undefined;
}

interface StoredFile {
  readonly bytes: Buffer;
  readonly metadata: FileMetadata;
}

const chunkBytes = 64 * 1024;

/** Files that are gone with the process: for tests, and for what need not last. */
export class MemoryStorageProvider implements IStorageProvider {
  readonly #capacityBytes: number;
  readonly #clock: Clock;
  readonly #files = new Map<string, StoredFile>();
  #usedBytes = 0;
  #version = 0;

  constructor(options: MemoryStorageOptions = {}, deps: MemoryStorageDependencies = {}) {
    this.#capacityBytes = toBytes(options.capacity ?? "256mb", "capacity");
    this.#clock = deps.clock ?? systemClock;
  }

  async storeFile(options: StoreFileOptions): Promise<string> {
    const { key = crypto.randomUUID(), content, overwrite = true, onProgress, signal } = options;
    if (!overwrite && this.#files.has(key)) throw alreadyExists(key);
    const digest = new ContentDigest(options.sha256?.toLowerCase());
    const observed = async function* (): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunksOf(content, signal)) {
        digest.update(chunk);
        // what was handed in stays the caller's to change
        yield chunk.slice();
        onProgress?.({ storedBytes: digest.sizeBytes, totalBytes: options.sizeBytes });
      }
    };
    const bytes = await collect(observed(), key, this.#capacityBytes, "capacity");
    signal?.throwIfAborted();
    digest.check();
    if (!overwrite && this.#files.has(key)) throw alreadyExists(key);
    this.#put(key, bytes, { ...attributesOf(options), crc32: digest.crc32 });
    return key;
  }

  async getFileContent(fileId: string, options: FileContentOptions = {}): Promise<Buffer> {
    const { bytes, metadata } = this.#get(fileId, options);
    const { maxBytes = Infinity } = options;
    if (bytes.length > maxBytes) throw tooLarge(fileId, maxBytes, "maxBytes");
    verify(bytes, metadata);
    return Buffer.from(bytes);
  }

  async getFileStream(
    fileId: string,
    options: StorageCallOptions & { readonly range?: FileRange | undefined } = {},
  ): Promise<AsyncIterable<Uint8Array>> {
    const { range, signal } = options;
    const { bytes, metadata } = this.#get(fileId, options);
    if (!range) verify(bytes, metadata);
    const { start, end } = range
      ? rangeWithin(range, bytes.length)
      : { start: 0, end: bytes.length - 1 };
    return (async function* () {
      for (let at = start; at <= end; at += chunkBytes) {
        signal?.throwIfAborted();
        yield Buffer.from(bytes.subarray(at, Math.min(at + chunkBytes, end + 1)));
      }
    })();
  }

  async getMetadata(fileId: string, options: StorageCallOptions = {}): Promise<FileMetadata> {
    return this.#get(fileId, options).metadata;
  }

  async exists(fileId: string, options: StorageCallOptions = {}): Promise<boolean> {
    options.signal?.throwIfAborted();
    return this.#files.has(fileId);
  }

  async deleteFile(fileId: string, options: StorageCallOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    this.#usedBytes -= this.#files.get(fileId)?.bytes.length ?? 0;
    this.#files.delete(fileId);
  }

  async copy(fileId: string, toFileId: string, options: StorageCallOptions = {}): Promise<void> {
    const { bytes, metadata } = this.#get(fileId, options);
    this.#put(toFileId, bytes, metadata);
  }

  async list(options: ListFilesOptions = {}): Promise<FileList> {
    options.signal?.throwIfAborted();
    return pageOf(
      [...this.#files.values()].map(({ metadata }) => metadata),
      options,
    );
  }

  async health(): Promise<HealthReport> {
    return { status: "up", details: { files: this.#files.size, usedBytes: this.#usedBytes } };
  }

  #get(fileId: string, { signal }: StorageCallOptions): StoredFile {
    signal?.throwIfAborted();
    const file = this.#files.get(fileId);
    if (!file) throw notFound(fileId);
    return file;
  }

  #put(
    key: string,
    bytes: Buffer,
    attributes: Omit<FileMetadata, "fileId" | "sizeBytes" | "modifiedAt" | "etag">,
  ): void {
    const usedBytes = this.#usedBytes + bytes.length - (this.#files.get(key)?.bytes.length ?? 0);
    if (usedBytes > this.#capacityBytes) throw tooLarge(key, this.#capacityBytes, "capacity");
    this.#usedBytes = usedBytes;
    this.#version += 1;
    const metadata: FileMetadata = {
      ...attributes,
      fileId: key,
      sizeBytes: bytes.length,
      modifiedAt: new Date(this.#clock.now()),
      etag: `"${this.#version.toString(36)}-${attributes.crc32}"`,
    };
    this.#files.set(key, { bytes, metadata });
  }
}

function verify(bytes: Buffer, { fileId, crc32 }: FileMetadata): void {
  const digest = new ContentDigest();
  digest.update(bytes);
  if (digest.crc32 !== crc32) throw corrupt(fileId, "its CRC-32 differs");
}
