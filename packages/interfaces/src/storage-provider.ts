import type { Managed } from "./managed.js";

/** What a file is made of: text is stored as UTF-8; a Node.js or web stream is an async iterable. */
export type FileContent = string | Uint8Array | AsyncIterable<Uint8Array>;

/** Options of every call of {@link IStorageProvider}. */
export interface StorageCallOptions {
  /** Ends the call; what was half done is undone. */
  readonly signal?: AbortSignal | undefined;
}

/** How far the storing of one file has come. */
export interface StoreProgress {
  /** What is in place so far. */
  readonly storedBytes: number;
  /** All of it, where that is known before the end. */
  readonly totalBytes?: number | undefined;
}

/** What to store, and what to remember with it. */
export interface StoreFileOptions extends StorageCallOptions {
  readonly content: FileContent;
  /** The file's id. @default a new one */
  readonly key?: string | undefined;
  /** The media type. @default found out from the content, else from the key, else `application/octet-stream` */
  readonly contentType?: string | undefined;
  /** The length of a stream, where it is known. */
  readonly sizeBytes?: number | undefined;
  /** What it is called when somebody downloads it: `Content-Disposition`. */
  readonly contentDisposition?: string | undefined;
  readonly cacheControl?: string | undefined;
  /** The application's own: names in lower case, values as text. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** SHA-256 of the content in hex; a content that has another is refused. It is kept. */
  readonly sha256?: string | undefined;
  /** Whether a file of the same key is replaced; otherwise it is a `ConflictError`. @default true */
  readonly overwrite?: boolean | undefined;
  /** Called as bytes arrive where they are kept; the last call, before the promise resolves, names them all. */
  readonly onProgress?: ((progress: StoreProgress) => void) | undefined;
}

/** What is known of a file. */
export interface FileMetadata {
  /** Its key. */
  readonly fileId: string;
  readonly sizeBytes: number;
  readonly contentType: string;
  readonly modifiedAt: Date;
  /** An entity tag of HTTP, in its quotes; changes whenever the content does. */
  readonly etag?: string;
  readonly contentDisposition?: string;
  readonly cacheControl?: string;
  /** SHA-256 of the content in hex, where it was kept. */
  readonly sha256?: string;
  /** CRC-32 of the content, eight digits in hex, where it was kept. */
  readonly crc32?: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Options of `getFileContent`. */
export interface FileContentOptions extends StorageCallOptions {
  /** A longer file is an error, and is not read to its end. @default no limit */
  readonly maxBytes?: number | undefined;
}

/** Some bytes of a file, both ends included, counted from 0; without `end`, to the last. */
export interface FileRange {
  readonly start: number;
  readonly end?: number | undefined;
}

/** Which files to list. */
export interface ListFilesOptions extends StorageCallOptions {
  /** Only keys that begin with it. */
  readonly prefix?: string | undefined;
  /** Where to go on: the `cursor` of the page before. */
  readonly cursor?: string | undefined;
  /** Files on a page, at the most. @default 1000 */
  readonly limit?: number | undefined;
}

/** What a list tells of a file. */
export type ListedFile = Pick<FileMetadata, "fileId" | "sizeBytes" | "modifiedAt" | "etag">;

/** One page of files. */
export interface FileList {
  readonly files: readonly ListedFile[];
  /** Gives the next page; `undefined` after the last. */
  readonly cursor?: string | undefined;
}

/** What a signed URL allows. */
export interface SignedUrlOptions extends StorageCallOptions {
  /** `read` is a GET, `write` a PUT. @default "read" */
  readonly operation?: "read" | "write" | undefined;
  /** The type that a written file must be sent with. */
  readonly contentType?: string | undefined;
  /** The disposition that a read file is answered with. */
  readonly contentDisposition?: string | undefined;
}

/** What a form for an upload allows. */
export interface UploadFormOptions extends StorageCallOptions {
  /** The type that the file must be sent with: `image/png`, or `image/*` for all of a kind. @default any */
  readonly contentType?: string | undefined;
}

/**
 * A form that uploads one file, from a browser too: a POST of `multipart/form-data` with these fields, then, where the type
 * was left open, a field `Content-Type`, and last the file as the field `file`.
 */
export interface UploadForm {
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * A place where files are kept. The first four are required; the rest are capabilities, asked for by presence. Keys come
 * checked. Reading what does not exist rejects with a `NotFoundError`; deleting it does nothing. A write is whole or did not
 * happen, also after a crash.
 */
export interface IStorageProvider extends Managed {
  /** Stores a file and returns its id, the key. */
  storeFile(options: StoreFileOptions): Promise<string>;
  getFileContent(fileId: string, options?: FileContentOptions): Promise<Buffer>;
  deleteFile(fileId: string, options?: StorageCallOptions): Promise<void>;
  exists(fileId: string, options?: StorageCallOptions): Promise<boolean>;

  /** Opens a file. What is never read, or not to its end, holds nothing open for long. */
  getFileStream?(
    fileId: string,
    options?: StorageCallOptions & { readonly range?: FileRange | undefined },
  ): Promise<AsyncIterable<Uint8Array>>;
  getMetadata?(fileId: string, options?: StorageCallOptions): Promise<FileMetadata>;
  /** @throws AggregateError when some could not be deleted; all were tried. */
  deleteMany?(fileIds: readonly string[], options?: StorageCallOptions): Promise<void>;
  /** With all that is remembered of it. */
  copy?(fileId: string, toFileId: string, options?: StorageCallOptions): Promise<void>;
  move?(fileId: string, toFileId: string, options?: StorageCallOptions): Promise<void>;
  /** One page, in the order of the keys' bytes. */
  list?(options?: ListFilesOptions): Promise<FileList>;
  /** A URL that holds for `expiresInMs`. */
  getSignedUrl?(
    fileId: string,
    options: SignedUrlOptions & { readonly expiresInMs: number },
  ): Promise<string>;
  /** A form that holds for `expiresInMs` and takes at most `maxBytes`. */
  getUploadForm?(
    fileId: string,
    options: UploadFormOptions & { readonly expiresInMs: number; readonly maxBytes: number },
  ): Promise<UploadForm>;
}
