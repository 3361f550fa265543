/** What there is at a path. `other` is a device, a socket or a named pipe. */
export type FileKind = "file" | "directory" | "link" | "other";

/** What is known of a file, directory or link. */
export interface FileStat {
  readonly kind: FileKind;
  /** The length of a file; what a directory says means nothing. */
  readonly sizeBytes: number;
  /** The permission bits, such as `0o644`. */
  readonly mode: number;
  readonly modifiedAt: Date;
  readonly createdAt: Date;
}

/** One name in a directory. */
export interface DirectoryEntry {
  readonly name: string;
  readonly kind: FileKind;
}

/** What happened to a path below a watched one. */
export interface FileChange {
  readonly type: "created" | "changed" | "removed";
  /** From the watched directory on, with `/` between names; empty for a watched file itself. */
  readonly relativePath: string;
  readonly kind: FileKind;
}

/** Changes as they come, from the moment on when it was handed out. Iterate it once. */
export interface FileWatch extends AsyncIterable<FileChange>, AsyncDisposable {
  /** Ends the watching and the iteration. */
  close(): Promise<void>;
}

/** The room on the device that holds a path, in bytes. */
export interface DiskSpace {
  readonly totalBytes: number;
  readonly freeBytes: number;
  /** What this process may use of it. */
  readonly availableBytes: number;
}

/** Whether a symbolic link at the end of the path stands for what it points to. */
export interface FollowOptions {
  /** With `false`, reading through a link is refused, and writing replaces the link. @default true */
  readonly followLinks?: boolean;
}

/** Options of `FileSystem.read`. */
export interface ReadRange extends FollowOptions {
  /** The first byte. @default 0 */
  readonly start?: number;
  /** The byte to stop before. @default the end of the file */
  readonly end?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Options of `FileSystem.write`. */
export interface WriteOptions extends FollowOptions {
  /** With `false`, an existing file is an error. @default true */
  readonly overwrite?: boolean;
  /** The permission bits. @default those of the file that is replaced, else what the umask leaves of 0o666 */
  readonly mode?: number;
  /** Whether it waits until the content and the name have reached the disk, so that a power cut loses neither. @default true */
  readonly durable?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Where files live: the few operations on which {@link Files} builds all others. A path may be relative (to what, `resolve`
 * says). Errors are those of this package's table. What waits long takes a `signal` and rejects with its reason.
 */
export interface FileSystem {
  /** Where temporary files belong. */
  readonly temporaryDirectory: string;
  /** A path as the absolute one that it stands for; asks no disk. */
  resolve(path: string): string;
  /** What is at a path; `undefined` when there is nothing. */
  stat(path: string, options?: FollowOptions): Promise<FileStat | undefined>;
  /** The names in a directory, in no order, read as they are asked for. */
  list(path: string): AsyncIterable<DirectoryEntry>;
  /** The bytes of a file, in chunks that are the caller's own. */
  read(path: string, options?: ReadRange): AsyncIterable<Uint8Array>;
  /**
   * Puts content in place in one step: a reader, or whoever comes after a crash, finds the old content or the new one and
   * nothing in between. Writes to one path take turns, in the order of the calls. When it fails, all is as before.
   */
  write(path: string, content: AsyncIterable<Uint8Array>, options?: WriteOptions): Promise<void>;
  /** Adds to the end of a file, which is made when it is missing. */
  append(path: string, content: Uint8Array, options?: WriteOptions): Promise<void>;
  /** Makes a directory and those above it; no error when it exists. */
  makeDirectory(path: string, options?: { readonly mode?: number }): Promise<void>;
  /**
   * Gives a file, directory or link (never what it points to) another name, in one step. A directory takes the place of an
   * empty one. A file takes the place of another, unless `overwrite` is `false`.
   *
   * @throws CrossDeviceError when the two are on different devices.
   */
  rename(from: string, to: string, options?: { readonly overwrite?: boolean }): Promise<void>;
  /** Removes a file or link; `false` when there was none. */
  removeFile(path: string): Promise<boolean>;
  /** Removes an empty directory; `false` when there was none. */
  removeDirectory(path: string): Promise<boolean>;
  /** Sets when a file was last modified. */
  touch(path: string, modifiedAt: Date): Promise<void>;
  /** Makes a symbolic link. */
  makeLink(target: string, path: string): Promise<void>;
  /** What a symbolic link holds. */
  readLink(path: string): Promise<string>;
  /** The path with every link on the way resolved. */
  realPath(path: string): Promise<string>;
  /** Watches a directory, with all below when `recursive`, or one file. */
  watch(
    path: string,
    options?: { readonly recursive?: boolean; readonly signal?: AbortSignal | undefined },
  ): Promise<FileWatch>;
  /** The room where a path lives. */
  space(path: string): Promise<DiskSpace>;
}
