import {
  ConflictError,
  defineErrors,
  ForbiddenError,
  InternalError,
  NotFoundError,
  shape,
  UnavailableError,
  ValidationError,
} from "@infra/errors";

type PathDetails = { readonly path: string };

/** The errors of this package, with their codes. */
export const filesErrors = defineErrors({
  FileNotFoundError: {
    code: "ERR_FILES_NOT_FOUND",
    when: "There is nothing at the path.",
    extends: NotFoundError,
    details: shape<PathDetails>(),
  },
  FileExistsError: {
    code: "ERR_FILES_EXISTS",
    when: "There is something at the path already, and `overwrite` is not set.",
    extends: ConflictError,
    details: shape<PathDetails>(),
  },
  WrongKindError: {
    code: "ERR_FILES_WRONG_KIND",
    when: "What is at the path is of another kind: a directory where a file is wanted, or the other way round.",
    extends: ConflictError,
    details: shape<PathDetails>(),
  },
  DirectoryNotEmptyError: {
    code: "ERR_FILES_NOT_EMPTY",
    when: "The directory is not empty, and `recursive` is not set.",
    extends: ConflictError,
    details: shape<PathDetails>(),
  },
  IntoItselfError: {
    code: "ERR_FILES_INTO_ITSELF",
    when: "A directory would be copied or moved into itself.",
    extends: ConflictError,
    details: shape<PathDetails>(),
  },
  AccessDeniedError: {
    code: "ERR_FILES_ACCESS_DENIED",
    when: "The system does not let this process do that at the path.",
    extends: InternalError,
    details: shape<PathDetails>(),
  },
  NoSpaceError: {
    code: "ERR_FILES_NO_SPACE",
    when: "The disk, the quota or the capacity of the memory file system is used up.",
    extends: UnavailableError,
    details: shape<PathDetails>(),
  },
  CrossDeviceError: {
    code: "ERR_FILES_CROSS_DEVICE",
    when: "`FileSystem.rename` was asked to cross devices; `Files.move` copies instead.",
    extends: InternalError,
    details: shape<PathDetails>(),
  },
  FileOperationError: {
    code: "ERR_FILES_FAILED",
    when: "The system refused for another reason: see `cause`.",
    extends: InternalError,
    details: shape<PathDetails>(),
  },
  OutsideRootError: {
    code: "ERR_FILES_OUTSIDE_ROOT",
    when: "A path, or a symbolic link on its way, leads out of the jail; or the root itself would be removed.",
    extends: ForbiddenError,
    details: shape<PathDetails>(),
  },
  SymbolicLinkError: {
    code: "ERR_FILES_SYMBOLIC_LINK",
    when: "A symbolic link stands in the path, and links are refused; or links lead to each other without end.",
    extends: ForbiddenError,
    details: shape<PathDetails>(),
  },
  InvalidContentError: {
    code: "ERR_FILES_INVALID_CONTENT",
    when: "The content is not what it was read as: not JSON, or not text in that encoding.",
    extends: ValidationError,
    details: shape<{ readonly path: string; readonly line?: number }>(),
  },
  TooLargeError: {
    code: "ERR_FILES_TOO_LARGE",
    when: "The content is larger than `maxSize`, or a line longer than `maxLine`.",
    extends: ValidationError,
    status: 413,
    details: shape<{ readonly path: string; readonly maxBytes: number }>(),
  },
  WriteQueueFullError: {
    code: "ERR_FILES_QUEUE_FULL",
    when: "As many writes as `maxQueuedWrites` allows are waiting for one file.",
    extends: UnavailableError,
    details: shape<PathDetails>(),
  },
  FileLockedError: {
    code: "ERR_FILES_LOCKED",
    when: "Somebody else holds the lock, and did so until the end of `wait`.",
    extends: ConflictError,
    retryable: true,
    details: shape<{
      readonly path: string;
      readonly pid?: number;
      readonly host?: string;
      readonly since?: string;
    }>(),
  },
  FileLockLostError: {
    code: "ERR_FILES_LOCK_LOST",
    when: "The lock was taken over or removed while it was held: its heartbeat came too late.",
    extends: ConflictError,
    details: shape<PathDetails>(),
  },
  UnsafeArchiveError: {
    code: "ERR_FILES_UNSAFE_ARCHIVE",
    when: "An archive's entry leads out of the destination, is a link or a device, is encrypted, or has a name that is taken.",
    extends: ValidationError,
    details: shape<{ readonly entry: string }>(),
  },
  ArchiveLimitError: {
    code: "ERR_FILES_ARCHIVE_LIMIT",
    when: "An archive exceeds `maxEntries`, `maxSize` or `maxRatio`.",
    extends: ValidationError,
    status: 413,
    details: shape<{ readonly limit: "maxEntries" | "maxSize" | "maxRatio" }>(),
  },
  InvalidArchiveError: {
    code: "ERR_FILES_INVALID_ARCHIVE",
    when: "An archive is damaged, cut short, or no archive of that format.",
    extends: ValidationError,
  },
});

const { classes } = filesErrors;

/** There is nothing at the path. */
export const FileNotFoundError = classes.FileNotFoundError;
/** There is something at the path already. */
export const FileExistsError = classes.FileExistsError;
/** What is at the path is of another kind. */
export const WrongKindError = classes.WrongKindError;
/** The directory is not empty. */
export const DirectoryNotEmptyError = classes.DirectoryNotEmptyError;
/** A directory would end up in itself. */
export const IntoItselfError = classes.IntoItselfError;
/** The system does not let this process do that. */
export const AccessDeniedError = classes.AccessDeniedError;
/** No room is left. */
export const NoSpaceError = classes.NoSpaceError;
/** A rename would cross devices. */
export const CrossDeviceError = classes.CrossDeviceError;
/** The system refused for a reason that has no class of its own. */
export const FileOperationError = classes.FileOperationError;
/** A path leads out of the jail. */
export const OutsideRootError = classes.OutsideRootError;
/** A symbolic link stands in the path. */
export const SymbolicLinkError = classes.SymbolicLinkError;
/** The content is not what it was read as. */
export const InvalidContentError = classes.InvalidContentError;
/** The content is larger than allowed. */
export const TooLargeError = classes.TooLargeError;
/** Too many writes wait for one file. */
export const WriteQueueFullError = classes.WriteQueueFullError;
/** Somebody else holds the lock. */
export const FileLockedError = classes.FileLockedError;
/** The lock was lost while it was held. */
export const FileLockLostError = classes.FileLockLostError;
/** An archive holds something that may not be extracted. */
export const UnsafeArchiveError = classes.UnsafeArchiveError;
/** An archive is larger than allowed. */
export const ArchiveLimitError = classes.ArchiveLimitError;
/** An archive can't be read. */
export const InvalidArchiveError = classes.InvalidArchiveError;
