import type { ByteSize } from "./byte-size.js";
import type { Duration } from "./duration.js";
import type {
  FileContent,
  FileContentOptions,
  FileList,
  FileMetadata,
  FileRange,
  ListedFile,
  ListFilesOptions,
  SignedUrlOptions,
  StorageCallOptions,
  StoreFileOptions,
  UploadForm,
  UploadFormOptions,
} from "./storage-provider.js";

/** Options of the calls of `Storage`. */
export interface StorageOptions extends StorageCallOptions {
  /** The name of the provider. @default the storage's default provider */
  readonly provider?: string | undefined;
}

/** What to store: `content`, or the `path` of a file on this machine. */
export type StoreFileRequest = Omit<StoreFileOptions, "content"> &
  StorageOptions & {
    /** More is an error; the storage's own bound holds as well. */
    readonly maxSize?: ByteSize | undefined;
    /** Types that may come in, by what the content is and not by what it is called: `image/*`, `application/pdf`. */
    readonly allowedTypes?: readonly string[] | undefined;
  } & (
    | { readonly content: FileContent; readonly path?: undefined }
    | { readonly path: string; readonly content?: undefined }
  );

/** Options of `Storage.copy` and `Storage.move`. */
export interface CopyFileOptions extends StorageOptions {
  /** Where it goes, when that is another provider. @default the provider that it comes from */
  readonly toProvider?: string | undefined;
}

/**
 * Files by id, in one of several places. A file's id is its key: `/` between parts, no `.` or `..`, no control
 * characters, at most 1,024 bytes; anything else is refused before a provider sees it. Keys are normalised: Unicode NFC,
 * a backslash is a `/`, one `/` between parts and none around them. Reading what does not exist rejects with a
 * `NotFoundError`; deleting it does nothing. A provider that lacks a capability rejects with an error that names both,
 * unless its others can stand in for it.
 */
export interface Storage {
  /** Stores a file whole or not at all, over one of the same key unless told otherwise, and returns its id. */
  storeFile(options: StoreFileRequest): Promise<string>;
  getFileContent(fileId: string, options?: FileContentOptions & StorageOptions): Promise<Buffer>;
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
  /** With all that is remembered of it, to another provider too. */
  copy(fileId: string, toFileId: string, options?: CopyFileOptions): Promise<void>;
  /** A copy, then a deletion, where the provider has no move of its own. */
  move(fileId: string, toFileId: string, options?: CopyFileOptions): Promise<void>;
  /** One page, in the order of the keys' bytes. */
  list(options?: ListFilesOptions & StorageOptions): Promise<FileList>;
  /** Every file, page by page. */
  listAll(options?: ListFilesOptions & StorageOptions): AsyncIterable<ListedFile>;
  /** A URL that lets its holder read or write the one file for a while. */
  getSignedUrl(
    fileId: string,
    options?: SignedUrlOptions & StorageOptions & { readonly expiresIn?: Duration | undefined },
  ): Promise<string>;
  /** A form that lets its holder upload the one file for a while. */
  getUploadForm(
    fileId: string,
    options: UploadFormOptions &
      StorageOptions & {
        readonly maxSize: ByteSize;
        readonly expiresIn?: Duration | undefined;
      },
  ): Promise<UploadForm>;
}
