import {
  DirectoryNotEmptyError,
  FileExistsError,
  FileNotFoundError,
  WrongKindError,
} from "@infra/files";

import { KeyConflictError, StorageFailedError, StorageUnavailableError } from "../errors.js";
import { alreadyExists, notFound } from "../file-errors.js";

const missing = new Set(["ENOENT", "ENOTDIR"]);
const passing = new Set(["ENOSPC", "EDQUOT", "EMFILE", "ENFILE", "EAGAIN", "EBUSY"]);

/** What the disk said to an operation on a file, in this package's words; what is an error of `@infra/files` otherwise stays one. */
export function localError(error: unknown, operation: string, fileId: string): unknown {
  if (FileNotFoundError.is(error)) return notFound(fileId, error);
  if (FileExistsError.is(error)) return alreadyExists(fileId, error);
  if (WrongKindError.is(error) || DirectoryNotEmptyError.is(error)) {
    return new KeyConflictError(
      `${operation} ${JSON.stringify(fileId)}: on disk, its key is the folder of another file, or a part of it is another file`,
      {
        details: { fileId },
        publicMessage: "The key conflicts with that of another file.",
        cause: error,
      },
    );
  }
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (typeof code !== "string" || syscall === undefined) return error;
  if (missing.has(code)) return notFound(fileId, error);
  const Class = passing.has(code) ? StorageUnavailableError : StorageFailedError;
  return new Class(`${operation} ${JSON.stringify(fileId)}: the disk says ${code}`, {
    publicMessage: "The files can't be reached.",
    cause: error,
  });
}
