import { InfraError, isError } from "@infra/errors";

import { corrupt } from "../content-digest.js";
import { DeniedError, StorageFailedError, StorageUnavailableError } from "../errors.js";
import { alreadyExists, notFound } from "../file-errors.js";

const denied = new Set([401, 403]);
const passing = new Set([408, 409, 425, 429, 500, 502, 503, 504]);
/** What the AWS client and Node.js call it when nobody answers. */
const unreachable =
  /^(TimeoutError|RequestTimeout|NetworkingError|SlowDown|ECONN\w+|ENOTFOUND|EAI_AGAIN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|UND_ERR_\w+)$/;

/** What the AWS client threw. */
interface ServiceError extends Error {
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Which HTTP status an error of the AWS client stands for, and its name. */
export function s3Failure(error: unknown): {
  readonly status: number | undefined;
  readonly name: string;
} {
  const { name = "", code, $metadata } = (error ?? {}) as Partial<ServiceError>;
  return { status: $metadata?.httpStatusCode, name: name === "Error" && code ? code : name };
}

/** An error of the AWS client in this package's words. What is no error of a request stays as it is. */
export function s3Error(error: unknown, operation: string, fileId: string): unknown {
  if (!isError(error)) return error;
  const { status, name } = s3Failure(error);
  if (name === "NoSuchKey" || name === "NotFound") return notFound(fileId, error);
  if (status === 412) return alreadyExists(fileId, error);
  if (/^Checksum mismatch/i.test(error.message)) {
    return corrupt(fileId, "its checksum differs", error);
  }
  const isPassing = status === undefined ? isUnreachable(error) : passing.has(status);
  // an error of this package, of a stream that was handed in, or of the caller
  if (status === undefined && !isPassing) return error;
  const says = `S3 says ${name}${status === undefined ? "" : ` (${status})`}: ${error.message}`;
  const Class = denied.has(status ?? 0)
    ? DeniedError
    : isPassing
      ? StorageUnavailableError
      : StorageFailedError;
  return new Class(`${operation} ${JSON.stringify(fileId)}: ${says}`, {
    publicMessage: "The files can't be reached.",
    cause: error,
  });
}

/** Whether nobody answered. */
function isUnreachable(error: Error): boolean {
  if (InfraError.is(error)) return false;
  const { name, message, code = "" } = error as ServiceError;
  // all that the client leaves of an error which it does not take for one: inside Jest, those of Node.js
  const wrapped = /^AWS SDK error wrapper for (.*)/s.exec(message)?.[1]?.split(/\W+/) ?? [];
  return [name, code, ...wrapped].some((word) => unreachable.test(word));
}
