import {
  ConflictError,
  defineErrors,
  ForbiddenError,
  InternalError,
  NotFoundError,
  shape,
  UnavailableError,
  ValidationError,
  type ErrorOf,
} from "@infra/errors";

type FileDetails = { readonly fileId: string };

/** Every error of this package by code. */
export const storageErrors = defineErrors({
  FileNotFoundError: {
    code: "ERR_STORAGE_NOT_FOUND",
    when: "There is no file of that key.",
    extends: NotFoundError,
    details: shape<FileDetails>(),
  },
  FileExistsError: {
    code: "ERR_STORAGE_EXISTS",
    when: "There is a file of that key already, and `overwrite` is `false`.",
    extends: ConflictError,
    details: shape<FileDetails>(),
  },
  InvalidKeyError: {
    code: "ERR_STORAGE_INVALID_KEY",
    when: "The key is empty or too long, has a part `.` or `..`, or a character that is not allowed.",
    extends: ValidationError,
  },
  KeyConflictError: {
    code: "ERR_STORAGE_KEY_CONFLICT",
    when: "On disk, the key of one file can't be the folder of another: `a` and `a/b`.",
    extends: ConflictError,
    details: shape<FileDetails>(),
  },
  TooLargeError: {
    code: "ERR_STORAGE_TOO_LARGE",
    when: "The content is larger than `maxSize`, `maxContentSize`, the form's or the provider's own bound.",
    extends: ValidationError,
    status: 413,
    details: shape<{ readonly maxBytes: number }>(),
  },
  TypeRefusedError: {
    code: "ERR_STORAGE_TYPE_REFUSED",
    when: "The content, or the type that it was sent with, is none of the types that are allowed.",
    extends: ValidationError,
    status: 415,
    details: shape<{ readonly type: string; readonly allowedTypes: readonly string[] }>(),
  },
  ChecksumMismatchError: {
    code: "ERR_STORAGE_CHECKSUM",
    when: "The content is not the one that `sha256` names.",
    extends: ValidationError,
  },
  SizeMismatchError: {
    code: "ERR_STORAGE_SIZE",
    when: "A stream was longer or shorter than `sizeBytes` says.",
    extends: ValidationError,
  },
  CorruptFileError: {
    code: "ERR_STORAGE_CORRUPT",
    when: "What was read is not what was stored: its checksum differs, or its length while it was sent.",
    extends: InternalError,
    details: shape<FileDetails>(),
  },
  RangeNotSatisfiableError: {
    code: "ERR_STORAGE_RANGE",
    when: "The range begins behind the end of the file.",
    extends: ValidationError,
    status: 416,
    details: shape<{ readonly sizeBytes?: number }>(),
  },
  SignatureError: {
    code: "ERR_STORAGE_SIGNATURE",
    when: "A signed URL or form is expired, was changed, or is for something else.",
    extends: ForbiddenError,
  },
  FormError: {
    code: "ERR_STORAGE_FORM",
    when: "The body is no form with its fields and one file behind them.",
    extends: ValidationError,
  },
  UnsupportedError: {
    code: "ERR_STORAGE_UNSUPPORTED",
    when: "The provider can't do what was asked for, or what it takes is not configured.",
    extends: InternalError,
    details: shape<{ readonly provider: string; readonly capability: string }>(),
  },
  DeniedError: {
    code: "ERR_STORAGE_DENIED",
    when: "The service that keeps the files refuses these credentials or this operation.",
    extends: InternalError,
  },
  StorageUnavailableError: {
    code: "ERR_STORAGE_UNAVAILABLE",
    when: "The service that keeps the files can't be reached, is too slow, or asks to slow down.",
    extends: UnavailableError,
  },
  StorageFailedError: {
    code: "ERR_STORAGE_FAILED",
    when: "The service that keeps the files refused for another reason: see `cause`.",
    extends: InternalError,
  },
  StoppedError: {
    code: "ERR_STORAGE_STOPPED",
    when: "The service was used after `stop()`.",
    extends: UnavailableError,
    retryable: false,
  },
});

export const {
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
  StorageFailedError,
  StorageUnavailableError,
  TooLargeError,
  TypeRefusedError,
  UnsupportedError,
} = storageErrors.classes;

/** Any error of this package. */
export type StorageError = ErrorOf<typeof storageErrors>;
