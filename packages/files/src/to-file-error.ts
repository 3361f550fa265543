import { InfraError } from "@infra/errors";

import {
  AccessDeniedError,
  CrossDeviceError,
  DirectoryNotEmptyError,
  FileExistsError,
  FileNotFoundError,
  FileOperationError,
  IntoItselfError,
  NoSpaceError,
  SymbolicLinkError,
  WrongKindError,
} from "./errors.js";

const classes = {
  ENOENT: [FileNotFoundError, "there is nothing there"],
  EEXIST: [FileExistsError, "there is something there already"],
  EISDIR: [WrongKindError, "it is a directory"],
  ENOTFILE: [WrongKindError, "it is a device, a socket or a pipe"],
  ENOTLINK: [WrongKindError, "it is no link"],
  EINTOITSELF: [IntoItselfError, "a directory can't go into itself"],
  ENOTDIR: [WrongKindError, "it is not a directory, or something on the way to it is none"],
  ENOTEMPTY: [DirectoryNotEmptyError, "the directory is not empty"],
  EACCES: [AccessDeniedError, "access is denied"],
  EPERM: [AccessDeniedError, "it is not permitted"],
  EROFS: [AccessDeniedError, "the file system is read-only"],
  ENOSPC: [NoSpaceError, "no space is left"],
  EDQUOT: [NoSpaceError, "the quota is used up"],
  EXDEV: [CrossDeviceError, "that is another device"],
  ELOOP: [SymbolicLinkError, "there is a symbolic link too many"],
} as const;

/** A reason that has an error class of its own. */
export type FileErrorReason = keyof typeof classes;

/**
 * The error of an operation on a path, by the system's name for the reason. The message holds the path; what a client may
 * read does not.
 */
export function fileError(
  reason: FileErrorReason,
  operation: string,
  path: string,
  cause?: unknown,
): InfraError {
  const [Class, text] = classes[reason];
  return new Class(`${operation} ${path}: ${text}`, {
    details: { path },
    publicMessage: `The file operation failed: ${text}.`,
    ...(cause !== undefined && { cause }),
  });
}

/** An error of `node:fs` as one of ours; any other (an abort's reason, say) as it is. */
export function toFileError(error: unknown, operation: string, path: string): unknown {
  const code = (error as { code?: unknown } | undefined)?.code;
  if (InfraError.is(error) || typeof code !== "string" || !("syscall" in (error as object))) {
    return error;
  }
  if (Object.hasOwn(classes, code)) {
    return fileError(code as FileErrorReason, operation, path, error);
  }
  return new FileOperationError(`${operation} ${path}: the system says ${code}`, {
    details: { path },
    cause: error,
  });
}
