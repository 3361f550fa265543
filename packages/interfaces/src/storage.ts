import type { Duration } from "./duration.js";
import type {
  FileList,
  FileMetadata,
  FileRange,
  ListFilesOptions,
  SignedUrlOptions,
  StorageCallOptions,
  StoreFileOptions,
} from "./storage-provider.js";

/** Options of the calls of `Storage`. */
export interface StorageOptions extends StorageCallOptions {
  /** The name of the provider. @default the storage's default provider */
  readonly provider?: string | undefined;
}

/**
 * Files by id, in one of several places. A file's id is its key: `/` between parts, no `.` or `..`, no control
 * characters, at most 1,024 bytes; anything else is refused before a provider sees it. Reading what does not exist
 * rejects with a `NotFoundError`; deleting it does nothing. A provider that lacks a capability rejects with an error that
 * names both.
 */
export interface Storage {
  /** Stores a file whole or not at all, over one of the same key unless told otherwise, and returns its id. */
  storeFile(options: StoreFileOptions & StorageOptions): Promise<string>;
  getFileContent(fileId: string, options?: StorageOptions): Promise<Buffer>;
  /** Opens a file; who stops reading early lets go of the connection. */
  getFileStream(
    fileId: string,
    options?: StorageOptions & { readonly range?: FileRange | undefined },
  ): Promise<AsyncIterable<Uint8Array>>;
  getMetadata(fileId: string, options?: StorageOptions): Promise<FileMetadata>;
  exists(fileId: string, options?: StorageOptions): Promise<boolean>;
  delete(fileId: string, options?: StorageOptions): Promise<void>;
  /** @throws AggregateError when some could not be deleted; all were tried. */
  deleteMany(fileIds: readonly string[], options?: StorageOptions): Promise<void>;
  copy(fileId: string, toFileId: string, options?: StorageOptions): Promise<void>;
  /** A copy, then a deletion, where the provider has no move of its own. */
  move(fileId: string, toFileId: string, options?: StorageOptions): Promise<void>;
  /** One page, in the order of the keys' bytes. */
  list(options?: ListFilesOptions & StorageOptions): Promise<FileList>;
  /** A URL that lets its holder read or write the one file for a while. */
  getSignedUrl(
    fileId: string,
    options?: SignedUrlOptions & StorageOptions & { readonly expiresIn?: Duration | undefined },
  ): Promise<string>;
}
