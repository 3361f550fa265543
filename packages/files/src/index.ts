export { checksumOf, type ChecksumOptions } from "./checksum.js";
export { toChunks, type FileContent } from "./chunks.js";
export type { ContentType } from "./content-type.js";
export type { CopyOptions } from "./copy-tree.js";
export { syncDirectory } from "./local/atomic-write.js";
export { LocalFileSystem } from "./local/local-file-system.js";
export type {
  LocalFileSystemDependencies,
  LocalFileSystemOptions,
} from "./local/local-file-system.js";
export { MemoryFileSystem } from "./memory/memory-file-system.js";
export type {
  MemoryFileSystemDependencies,
  MemoryFileSystemOptions,
} from "./memory/memory-file-system.js";
export { filesErrors } from "./errors.js";
export { AccessDeniedError, ArchiveLimitError, CrossDeviceError } from "./errors.js";
export { DirectoryNotEmptyError, FileExistsError, FileLockedError } from "./errors.js";
export { FileLockLostError, FileNotFoundError, FileOperationError } from "./errors.js";
export { IntoItselfError, InvalidArchiveError, InvalidContentError } from "./errors.js";
export { NoSpaceError, OutsideRootError, SymbolicLinkError, TooLargeError } from "./errors.js";
export { UnsafeArchiveError, WriteQueueFullError, WrongKindError } from "./errors.js";
export { FileLock, type LockOptions } from "./file-lock.js";
export type { DirectoryEntry, DiskSpace, FileChange, FileKind, FileStat } from "./file-system.js";
export type {
  FileSystem,
  FileWatch,
  FollowOptions,
  ReadRange,
  WriteOptions,
} from "./file-system.js";
export { Files, type FilesDependencies, type WriteJsonOptions } from "./files.js";
export type { ReadLinesOptions, ReadOptions, ReadTextOptions } from "./files.js";
export { isInside } from "./is-inside.js";
export { Jail, type JailDependencies, type JailOptions } from "./jail.js";
export type { Rename } from "./local/rename-retrying.js";
export { splitLines, type SplitLinesOptions } from "./lines.js";
export { isTemporaryName } from "./temporary-name.js";
export { TemporaryPath, type TempFileOptions, type TempOptions } from "./temporary-path.js";
export type { TreeSize } from "./tree-size.js";
export type { WalkEntry, WalkOptions } from "./walk.js";
