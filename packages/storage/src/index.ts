export { attachment } from "./attachment.js";
export { storageConfig } from "./config.js";
export {
  ChecksumMismatchError,
  CorruptFileError,
  DeniedError,
  FileExistsError,
  FileNotFoundError,
  FormError,
  InvalidKeyError,
  KeyConflictError,
  RangeNotSatisfiableError,
  SignatureError,
  SizeMismatchError,
  StoppedError,
  storageErrors,
  StorageFailedError,
  StorageUnavailableError,
  TooLargeError,
  TypeRefusedError,
  UnsupportedError,
} from "./errors.js";
export type { StorageError } from "./errors.js";
export {
  fileResponse,
  type FileRequest,
  type FileResponse,
  type FileResponseOptions,
} from "./file-response.js";
export type { MigrateOptions, MigrateProgress, MigrateResult } from "./migrate.js";
export { objectKey } from "./object-key.js";
export type { ProviderStats } from "./provider-registry.js";
export type { SignedUrlHandler } from "./signed-url-handler.js";
export type { StorageEvent, StorageListener } from "./storage-event.js";
export type { StorageServiceOptions } from "./storage-options.js";
export { StorageService, type StorageDependencies, type StorageStats } from "./storage-service.js";
export type {
  FileContent,
  FileMetadata,
  FileRange,
  IStorageProvider,
  ListedFile,
  StoreFileOptions,
  StoreFileRequest,
} from "@infra/interfaces";
