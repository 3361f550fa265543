import { Duplex, Readable, type Writable } from "node:stream";

import { CancelledError } from "@infra/errors";
import { systemClock, toBytes, type ByteSize, type Clock } from "@infra/interfaces";

import { checksumOf, type ChecksumOptions } from "./checksum.js";
import { collect, toChunks, type FileContent } from "./chunks.js";
import type { ContentType } from "./content-type.js";
import { copyTree, type CopyOptions } from "./copy-tree.js";
import { acquireLock, type FileLock, type LockOptions } from "./file-lock.js";
import type {
  DirectoryEntry,
  DiskSpace,
  FileStat,
  FileSystem,
  FileWatch,
  FollowOptions,
  ReadRange,
  WriteOptions,
} from "./file-system.js";
import { decodeText, parseJson, readLines } from "./lines.js";
import { LocalFileSystem } from "./local/local-file-system.js";
import { moveTree } from "./move-tree.js";
import { removeTree } from "./remove-tree.js";
import {
  makeTemporaryDirectory,
  makeTemporaryFile,
  type TempFileOptions,
  type TempOptions,
  type TemporaryPath,
} from "./temporary-path.js";
import { fileError } from "./to-file-error.js";
import { toJson, toJsonLines } from "./to-json.js";
import { treeSize, type TreeSize } from "./tree-size.js";
import { walk, type WalkEntry, type WalkOptions } from "./walk.js";

/** Collaborators of {@link Files}. */
export interface FilesDependencies {
  readonly clock?: Clock;
}

/** Options of what reads a whole file. */
export interface ReadOptions {
  /** More than this is an error. @default "64mb" */
  readonly maxSize?: ByteSize;
  readonly signal?: AbortSignal;
}

/** Options of `Files.readText`. */
export interface ReadTextOptions extends ReadOptions {
  /** What `TextDecoder` knows: `utf-8`, `latin1`, `utf-16le`, … @default "utf-8" */
  readonly encoding?: string;
}

/** Options of `Files.readLines` and `Files.readNdjson`. */
export interface ReadLinesOptions {
  /** A longer line is an error. @default "16mb" */
  readonly maxLine?: ByteSize;
  readonly signal?: AbortSignal;
}

/** Options of `Files.writeJson`. */
export interface WriteJsonOptions extends WriteOptions {
  /** How many spaces a level is indented by; 0 puts all on one line. @default 2 */
  readonly indent?: number;
}

/**
 * Files, as an application wants them, on any {@link FileSystem}: `new Files()` is the disk, `new Files(new Jail("/srv"))` a
 * part of it, `new Files(new MemoryFileSystem())` that of a test. What is missing is a FileNotFoundError, unless the method
 * says otherwise; what the system refuses is an error of this package's table; aborting a signal rejects with its reason.
 */
export class Files {
  readonly fileSystem: FileSystem;
  readonly #clock: Clock;

  constructor(fileSystem: FileSystem = new LocalFileSystem(), deps: FilesDependencies = {}) {
    this.fileSystem = fileSystem;
    this.#clock = deps.clock ?? systemClock;
  }

  /** The bytes of a file. @throws TooLargeError */
  readBytes(path: string, options: ReadOptions = {}): Promise<Uint8Array> {
    const { maxSize = "64mb", signal } = options;
    const maxBytes = toBytes(maxSize, "maxSize");
    return collect(this.fileSystem.read(path, { signal }), maxBytes, path, signal);
  }

  /** The text of a file, without a byte order mark. @throws TooLargeError, InvalidContentError */
  async readText(path: string, options: ReadTextOptions = {}): Promise<string> {
    return decodeText(await this.readBytes(path, options), options.encoding ?? "utf-8", path);
  }

  /** What the JSON in a file says. @throws TooLargeError, InvalidContentError */
  async readJson<T = unknown>(path: string, options: ReadOptions = {}): Promise<T> {
    return parseJson<T>(await this.readText(path, options), path);
  }

  /** The lines of a UTF-8 file, one at a time, without their ends. @throws TooLargeError, InvalidContentError */
  readLines(path: string, options: ReadLinesOptions = {}): AsyncGenerator<string> {
    const { maxLine = "16mb", signal } = options;
    const maxBytes = toBytes(maxLine, "maxLine");
    return readLines(this.fileSystem.read(path, { signal }), path, maxBytes);
  }

  /** The values of a file with one JSON value a line; empty lines are passed over. @throws TooLargeError, InvalidContentError */
  async *readNdjson<T = unknown>(path: string, options: ReadLinesOptions = {}): AsyncGenerator<T> {
    let number = 0;
    for await (const line of this.readLines(path, options)) {
      number += 1;
      if (line.trim() !== "") yield parseJson<T>(line, path, number);
    }
  }

  /** A file, or a part of it, as a stream of bytes. */
  readStream(path: string, options: ReadRange = {}): Readable {
    return Readable.from(this.fileSystem.read(path, options), { objectMode: false });
  }

  /**
   * Puts content in place in one step: text as UTF-8, bytes, or a stream of either. When it fails, or the signal aborts, the
   * file is as it was, and a stream that was given is destroyed.
   *
   * @throws FileExistsError with `overwrite: false`.
   */
  async write(path: string, content: FileContent, options: WriteOptions = {}): Promise<void> {
    const chunks = toChunks(content, options.signal);
    try {
      await this.fileSystem.write(path, chunks, options);
    } catch (error) {
      // perhaps it was never asked for a chunk, and so could not clean up
      if (content instanceof Readable) content.destroy();
      throw error;
    }
  }

  /** Puts a value in place as JSON. @throws TypeError when it is nothing that JSON can say. */
  async writeJson(path: string, value: unknown, options: WriteJsonOptions = {}): Promise<void> {
    const { indent = 2, ...rest } = options;
    await this.write(path, `${toJson(value, indent)}\n`, rest);
  }

  /** Puts values in place with one JSON value a line, as they come. */
  async writeNdjson(
    path: string,
    values: Iterable<unknown> | AsyncIterable<unknown>,
    options: WriteOptions = {},
  ): Promise<void> {
    await this.write(path, toJsonLines(values), options);
  }

  /** A stream to write a file with; the file is in place when it has finished, and as it was when it is destroyed. */
  writeStream(path: string, options: WriteOptions = {}): Writable {
    const stream: Duplex = Duplex.from((chunks: AsyncIterable<Uint8Array>) =>
      this.write(path, whole(chunks), options),
    );
    // from Node.js 24 the chunks of a destroyed stream just end, as if they were all
    async function* whole(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      yield* chunks;
      if (stream.destroyed || !stream.writableEnded) {
        throw new CancelledError(`the stream to ${path} was destroyed before it had finished`);
      }
    }
    return stream;
  }

  /** Adds text or bytes to the end of a file, which is made when it is missing. */
  async append(
    path: string,
    content: string | Uint8Array,
    options: WriteOptions = {},
  ): Promise<void> {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    await this.fileSystem.append(path, bytes, options);
  }

  /** Whether there is something at a path; a link that points to nothing is nothing. */
  async exists(path: string): Promise<boolean> {
    return (await this.fileSystem.stat(path)) !== undefined;
  }

  /** What is known of what is at a path. */
  async stat(path: string, options?: FollowOptions): Promise<FileStat> {
    const stat = await this.fileSystem.stat(path, options);
    if (!stat) throw fileError("ENOENT", "stat", path);
    return stat;
  }

  /** What a file holds, by its first bytes and its name. */
  async contentType(
    path: string,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<ContentType> {
    // with its table of extensions, it takes longer to load than all else here
    const { contentTypeOf, contentTypeSampleBytes } = await import("./content-type.js");
    const start = this.fileSystem.read(path, { end: contentTypeSampleBytes, ...options });
    return contentTypeOf(await collect(start, contentTypeSampleBytes, path), path);
  }

  /** The checksum of a file, which is read through once. @throws Error for an algorithm that Node.js does not have. */
  checksum(path: string, options: ChecksumOptions = {}): Promise<string> {
    return checksumOf(this.fileSystem.read(path, { signal: options.signal }), options);
  }

  /** Makes a directory and those above it; no error when it exists. */
  async makeDirectory(path: string, options: { readonly mode?: number } = {}): Promise<void> {
    await this.fileSystem.makeDirectory(path, options);
  }

  /** What is in a directory, by name. */
  async list(path: string): Promise<DirectoryEntry[]> {
    const entries: DirectoryEntry[] = [];
    for await (const entry of this.fileSystem.list(path)) entries.push(entry);
    return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** What is in a directory and below it, as it is found. Links are reported, not followed. */
  walk(path: string, options: WalkOptions = {}): AsyncGenerator<WalkEntry> {
    return walk(this.fileSystem, path, options);
  }

  /** How much a file, or a directory with all below it, holds. */
  size(path: string, options: { readonly signal?: AbortSignal } = {}): Promise<TreeSize> {
    return treeSize(this.fileSystem, path, options);
  }

  /** Copies a file, a link as a link, or a directory with all it holds; what is new appears whole. @throws FileExistsError */
  copy(from: string, to: string, options: CopyOptions = {}): Promise<void> {
    return copyTree(this.fileSystem, from, to, options);
  }

  /** Moves a file, link or directory, onto another device too. @throws FileExistsError */
  move(from: string, to: string, options: CopyOptions = {}): Promise<void> {
    return moveTree(this.fileSystem, from, to, options);
  }

  /**
   * Removes a file, a link (not what it points to), or a directory; `false` when there was nothing.
   *
   * @param options - `recursive`: a directory goes with all it holds.
   * @throws DirectoryNotEmptyError
   */
  async remove(
    path: string,
    options: { readonly recursive?: boolean; readonly signal?: AbortSignal } = {},
  ): Promise<boolean> {
    const { recursive = false, signal } = options;
    signal?.throwIfAborted();
    if (recursive) return removeTree(this.fileSystem, path, signal);
    const kind = (await this.fileSystem.stat(path, { followLinks: false }))?.kind;
    if (kind === undefined) return false;
    return kind === "directory"
      ? this.fileSystem.removeDirectory(path)
      : this.fileSystem.removeFile(path);
  }

  /** Makes a directory that is removed when its scope ends: `await using temp = await files.tempDirectory()`. */
  tempDirectory(options: TempOptions = {}): Promise<TemporaryPath> {
    return makeTemporaryDirectory(this.fileSystem, options);
  }

  /** The path of a file that does not exist yet, and is removed when its scope ends. */
  tempFile(options: TempFileOptions = {}): Promise<TemporaryPath> {
    return makeTemporaryFile(this.fileSystem, options);
  }

  /**
   * Watches a directory, with all below when `recursive`, or one file. Changes count from the moment on when this resolves:
   * `for await (const change of watch)`. Changes of one path that follow each other closely come as one.
   */
  watch(
    path: string,
    options: { readonly recursive?: boolean; readonly signal?: AbortSignal } = {},
  ): Promise<FileWatch> {
    return this.fileSystem.watch(path, options);
  }

  /**
   * Takes the lock of a path, which other users of this method heed, in this process and in others:
   * `await using lock = await files.lock("data/index")`. What is locked need not exist; its directory must.
   *
   * @throws FileLockedError
   */
  lock(path: string, options: LockOptions = {}): Promise<FileLock> {
    return acquireLock(this.fileSystem, path, this.#clock, options);
  }

  /** The room on the device that holds a path. */
  space(path: string): Promise<DiskSpace> {
    return this.fileSystem.space(path);
  }
}
