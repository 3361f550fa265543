import { constants, type Stats } from "node:fs";
import * as fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, resolve } from "node:path";

import { systemClock, type Clock } from "@infra/interfaces";

import { byteRange } from "../byte-range.js";
import type {
  DirectoryEntry,
  DiskSpace,
  FileKind,
  FileStat,
  FileSystem,
  FileWatch,
  FollowOptions,
  ReadRange,
  WriteOptions,
} from "../file-system.js";
import { PathQueue, type Queues } from "../path-queue.js";
import { fileError, toFileError, type FileErrorReason } from "../to-file-error.js";
import { atomicWrite, modeBits, placeNew, syncDirectory, type NameCalls } from "./atomic-write.js";
import { watchLocal } from "./local-watch.js";
import { renameRetrying, type Rename } from "./rename-retrying.js";
import { throughLinks } from "./through-links.js";

/** Options of {@link LocalFileSystem}. */
export interface LocalFileSystemOptions {
  /** Where temporary files belong. @default what the system says */
  readonly temporaryDirectory?: string;
  /** How many writes may wait for one file; more are an error. @default 1000 */
  readonly maxQueuedWrites?: number;
}

/** Collaborators of {@link LocalFileSystem}; a test can stand in for them. */
export interface LocalFileSystemDependencies {
  readonly clock?: Clock;
  /** @default `rename` of `node:fs/promises` */
  readonly rename?: Rename;
  /** @default `link` of `node:fs/promises` */
  readonly link?: Rename;
  /** @default `process.platform` */
  readonly platform?: NodeJS.Platform;
}

const chunkBytes = 64 * 1024;

/** The disk. Relative paths start at the working directory of the process. */
export class LocalFileSystem implements FileSystem {
  // one disk, however many instances look at it
  static readonly #queues: Queues = new Map();

  readonly temporaryDirectory: string;
  readonly #writes: PathQueue;
  readonly #clock: Clock;
  readonly #names: NameCalls;

  constructor(options: LocalFileSystemOptions = {}, deps: LocalFileSystemDependencies = {}) {
    const {
      clock = systemClock,
      rename = fs.rename,
      link = fs.link,
      platform = process.platform,
    } = deps;
    this.temporaryDirectory = options.temporaryDirectory ?? tmpdir();
    this.#writes = new PathQueue(options.maxQueuedWrites ?? 1000, LocalFileSystem.#queues);
    this.#clock = clock;
    this.#names = {
      rename: (from, to) => renameRetrying(from, to, { rename, platform, clock }),
      link,
    };
  }

  resolve(path: string): string {
    return resolve(path);
  }

  async stat(
    path: string,
    { followLinks = true }: FollowOptions = {},
  ): Promise<FileStat | undefined> {
    try {
      return describe(await (followLinks ? fs.stat(path) : fs.lstat(path)));
    } catch (error) {
      // a file where a directory is expected: there is nothing below it
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" || code === "ENOTDIR") return undefined;
      throw toFileError(error, "stat", path);
    }
  }

  async *list(path: string): AsyncGenerator<DirectoryEntry> {
    try {
      for await (const entry of await fs.opendir(path)) {
        yield { name: entry.name, kind: kindOf(entry) };
      }
    } catch (error) {
      throw toFileError(error, "list", path);
    }
  }

  async *read(path: string, options: ReadRange = {}): AsyncGenerator<Uint8Array> {
    const { followLinks = true, signal } = options;
    const { start, end } = byteRange(options);
    signal?.throwIfAborted();
    const handle = await failing("read", path, () =>
      fs.open(path, constants.O_RDONLY | (followLinks ? 0 : constants.O_NOFOLLOW)),
    );
    try {
      for (let at = start; at < end;) {
        const wanted = Math.min(chunkBytes, end - at);
        const { bytesRead, buffer } = await failing("read", path, () =>
          handle.read(Buffer.allocUnsafeSlow(wanted), 0, wanted, at),
        );
        signal?.throwIfAborted();
        if (bytesRead === 0) return;
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await handle.close();
    }
  }

  write(
    path: string,
    content: AsyncIterable<Uint8Array>,
    options: WriteOptions = {},
  ): Promise<void> {
    return this.#inTurn(path, options.signal, async () => {
      const target = options.followLinks === false ? resolve(path) : await throughLinks(path);
      await atomicWrite(target, content, this.#names, options);
    });
  }

  append(path: string, content: Uint8Array, options: WriteOptions = {}): Promise<void> {
    const { followLinks = true, durable = true, mode = 0o666, signal } = options;
    const flags =
      constants.O_APPEND |
      constants.O_CREAT |
      constants.O_WRONLY |
      (followLinks ? 0 : constants.O_NOFOLLOW);
    return this.#inTurn(path, signal, async () => {
      const handle = await fs.open(path, flags, mode);
      let isNew = false;
      try {
        isNew = durable && (await handle.stat()).size === 0;
        await handle.appendFile(content);
        if (durable) await handle.sync();
      } finally {
        await handle.close();
      }
      if (isNew) await syncDirectory(dirname(await fs.realpath(path)));
    });
  }

  async makeDirectory(path: string, options: { readonly mode?: number } = {}): Promise<void> {
    await failing("make directory", path, () => fs.mkdir(path, { recursive: true, ...options }));
  }

  async rename(from: string, to: string, { overwrite = true } = {}): Promise<void> {
    await failing(`rename ${from} to`, to, async () => {
      const isDirectory = (await fs.lstat(from)).isDirectory();
      if (!overwrite && !isDirectory) return placeNew(from, to, this.#names);
      try {
        return await this.#names.rename(from, to);
      } catch (error) {
        throw as(error, "EINVAL", "EINTOITSELF", "rename", to);
      }
    });
  }

  removeFile(path: string): Promise<boolean> {
    return ifAny("remove", path, () => fs.unlink(path));
  }

  removeDirectory(path: string): Promise<boolean> {
    return ifAny("remove directory", path, () => fs.rmdir(path));
  }

  async touch(path: string, modifiedAt: Date): Promise<void> {
    await failing("touch", path, () => fs.utimes(path, modifiedAt, modifiedAt));
  }

  async makeLink(target: string, path: string): Promise<void> {
    await failing("make link", path, () => fs.symlink(target, path));
  }

  readLink(path: string): Promise<string> {
    return failing("read link", path, async () => {
      try {
        return await fs.readlink(path);
      } catch (error) {
        throw as(error, "EINVAL", "ENOTLINK", "read link", path);
      }
    });
  }

  realPath(path: string): Promise<string> {
    return failing("resolve", path, () => fs.realpath(path));
  }

  async watch(
    path: string,
    options: { readonly recursive?: boolean; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<FileWatch> {
    return failing("watch", path, () => watchLocal(resolve(path), this.#clock, options));
  }

  async space(path: string): Promise<DiskSpace> {
    const { bsize, blocks, bfree, bavail } = await failing("space", path, () => fs.statfs(path));
    return {
      totalBytes: bsize * blocks,
      freeBytes: bsize * bfree,
      availableBytes: bsize * bavail,
    };
  }

  #inTurn<T>(path: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    return this.#writes.run(resolve(path), signal, () => failing("write", path, work));
  }
}

/** What the system's word means here, where it means one of several things. */
function as(
  error: unknown,
  code: string,
  reason: FileErrorReason,
  operation: string,
  path: string,
): unknown {
  const isIt = (error as NodeJS.ErrnoException).code === code;
  return isIt ? fileError(reason, operation, path, error) : error;
}

async function failing<T>(operation: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toFileError(error, operation, path);
  }
}

function ifAny(operation: string, path: string, work: () => Promise<void>): Promise<boolean> {
  return failing(operation, path, async () => {
    try {
      await work();
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" || code === "ENOTDIR") return false;
      throw error;
    }
  });
}

function describe(stats: Stats): FileStat {
  return {
    kind: kindOf(stats),
    sizeBytes: stats.size,
    mode: stats.mode & modeBits,
    modifiedAt: stats.mtime,
    createdAt: stats.birthtime,
  };
}

function kindOf(stats: Pick<Stats, "isFile" | "isDirectory" | "isSymbolicLink">): FileKind {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  return stats.isSymbolicLink() ? "link" : "other";
}
