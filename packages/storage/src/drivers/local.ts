import { constants } from "node:fs";
import { access } from "node:fs/promises";

import { FileNotFoundError as NothingThereError, Files, Jail, WrongKindError } from "@infra/files";
import {
  systemClock,
  type Clock,
  type FileContentOptions,
  type FileList,
  type FileMetadata,
  type FileRange,
  type HealthReport,
  type IStorageProvider,
  type ListedFile,
  type ListFilesOptions,
  type StorageCallOptions,
  type StoreFileOptions,
} from "@infra/interfaces";

import { rangeWithin } from "../byte-range.js";
import { collect } from "../collect.js";
import { alreadyExists, notFound, tooLarge } from "../file-errors.js";
import { letGo } from "../let-go.js";
import { filePath } from "../local/file-path.js";
import { FileReader } from "../local/file-reader.js";
import { FileWriter } from "../local/file-writer.js";
import { listKeys } from "../local/list-keys.js";
import { localError } from "../local/local-error.js";
import { Sidecars, versionOfStat } from "../local/sidecars.js";
import { pageLimit } from "../page-of.js";
import { transfer } from "../transfer.js";

/** Options of {@link LocalStorageProvider}. */
export interface LocalStorageOptions {
  /** The folder that holds the files; made when it is missing. */
  readonly directory: string;
  /** Whether a write waits until the disk has it, so that a power cut does not lose it. @default true */
  readonly durable?: boolean | undefined;
  /** Whether a file that is read whole is held against its checksum. @default true */
  readonly verify?: boolean | undefined;
}

/** Collaborators of {@link LocalStorageProvider}. */
export interface LocalStorageDependencies {
  readonly clock?: Clock | undefined;
}

/**
 * Files in a folder, each under its key as a path, so that other programs can read them. What else is remembered of them
 * is in the folder `.infra`. A write puts content and all that is remembered in place in one step: whoever reads, also in
 * another process or after a crash, finds the old file or the new one.
 */
export class LocalStorageProvider implements IStorageProvider {
  readonly #jail: Jail;
  readonly #files: Files;
  readonly #reader: FileReader;
  readonly #writer: FileWriter;
  #started: Promise<void> | undefined;

  /** @throws TypeError when `directory` is empty. */
  constructor(options: LocalStorageOptions, deps: LocalStorageDependencies = {}) {
    const { directory, durable = true, verify = true } = options;
    const { clock = systemClock } = deps;
    this.#jail = new Jail(directory);
    this.#files = new Files(this.#jail, { clock });
    const sidecars = new Sidecars(this.#jail, this.#files);
    this.#reader = new FileReader(this.#jail, this.#files, sidecars, verify);
    this.#writer = new FileWriter(this.#jail, this.#files, sidecars, clock, durable);
  }

  /** The folder that holds the files, as an absolute path. */
  get directory(): string {
    return this.#jail.root;
  }

  /** Makes the folder, and clears up what processes left behind that were killed. The first write does so too. */
  start(): Promise<void> {
    this.#started ??= this.#writer.start();
    this.#started.catch(() => (this.#started = undefined));
    return this.#started;
  }

  async stop(): Promise<void> {
    await this.#started?.catch(() => undefined);
    this.#started = undefined;
    await this.#writer.stop();
  }

  async health(): Promise<HealthReport> {
    try {
      await this.start();
      await access(this.#jail.root, constants.R_OK | constants.W_OK);
      const { availableBytes } = await this.#files.space(".");
      return { status: "up", details: { availableBytes } };
    } catch (error) {
      return { status: "down", message: (error as Error).message };
    }
  }

  async storeFile(options: StoreFileOptions): Promise<string> {
    const { key = crypto.randomUUID(), overwrite = true, signal } = options;
    try {
      signal?.throwIfAborted();
      const path = filePath(key);
      await this.start();
      if (!overwrite && (await this.#jail.stat(path))) throw alreadyExists(key);
      await this.#writer.store(key, options);
    } catch (error) {
      letGo(options.content);
      throw error;
    }
    return key;
  }

  async getFileContent(fileId: string, options: FileContentOptions = {}): Promise<Buffer> {
    const { maxBytes = Infinity, signal } = options;
    const file = await this.#reader.open(fileId, signal);
    if (file.metadata.sizeBytes > maxBytes) {
      await file.handle.close();
      throw tooLarge(fileId, maxBytes, "maxBytes");
    }
    const chunks = this.#reader.read(() => Promise.resolve(file), undefined, signal);
    return collect(chunks, fileId, maxBytes, "maxBytes");
  }

  async getFileStream(
    fileId: string,
    options: StorageCallOptions & { readonly range?: FileRange | undefined } = {},
  ): Promise<AsyncIterable<Uint8Array>> {
    const { range, signal } = options;
    signal?.throwIfAborted();
    const stat = await this.#jail.stat(filePath(fileId));
    if (stat?.kind !== "file") throw notFound(fileId);
    if (range) rangeWithin(range, stat.sizeBytes);
    // opened when it is read: what nobody reads holds no file open
    return this.#reader.read(() => this.#reader.open(fileId, signal), range, signal);
  }

  async getMetadata(fileId: string, options: StorageCallOptions = {}): Promise<FileMetadata> {
    const { handle, metadata } = await this.#reader.open(fileId, options.signal);
    await handle.close();
    return metadata;
  }

  async exists(fileId: string, options: StorageCallOptions = {}): Promise<boolean> {
    options.signal?.throwIfAborted();
    return (await this.#jail.stat(filePath(fileId)))?.kind === "file";
  }

  async deleteFile(fileId: string, options: StorageCallOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    try {
      await this.#writer.delete(fileId);
    } catch (error) {
      // a folder, or a file where a folder would have to be: no file of that key
      if (!WrongKindError.is(error) && !NothingThereError.is(error)) {
        throw localError(error, "delete", fileId);
      }
    }
  }

  async move(fileId: string, toFileId: string, options: StorageCallOptions = {}): Promise<void> {
    const { signal = new AbortController().signal } = options;
    const to = filePath(toFileId);
    await this.start();
    const metadata = await this.getMetadata(fileId, options);
    if (fileId === toFileId) return;
    const target = await this.#jail.stat(to);
    if (target && versionOfStat(target) === versionOfStat(metadata)) {
      // as long and as old as the other: to be told apart, it has to become a new version
      await transfer({ provider: this, fileId }, { provider: this, fileId: toFileId }, signal);
      await this.deleteFile(fileId);
      return;
    }
    await this.#writer.move(metadata, toFileId);
  }

  async list(options: ListFilesOptions = {}): Promise<FileList> {
    const { prefix = "", cursor, signal } = options;
    const limit = pageLimit(options.limit);
    const files: ListedFile[] = [];
    for await (const key of listKeys(this.#jail, { prefix, after: cursor })) {
      signal?.throwIfAborted();
      if (files.length === limit) return { files, cursor: files.at(-1)!.fileId };
      const stat = await this.#jail.stat(key);
      // it may be gone by now
      if (stat?.kind !== "file") continue;
      const { sizeBytes, modifiedAt } = stat;
      files.push({ fileId: key, sizeBytes, modifiedAt, etag: `"${versionOfStat(stat)}"` });
    }
    return { files };
  }
}
