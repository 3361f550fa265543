import { FileExistsError, FileNotFoundError, TooLargeError } from "./errors.js";

/** There is no such file. */
export function notFound(fileId: string, cause?: unknown): Error {
  return new FileNotFoundError(`there is no file ${JSON.stringify(fileId)}`, {
    details: { fileId },
    publicMessage: "There is no such file.",
    ...(cause !== undefined && { cause }),
  });
}

/** There is one already. */
export function alreadyExists(fileId: string, cause?: unknown): Error {
  return new FileExistsError(
    `there is a file ${JSON.stringify(fileId)} already (overwrite: false)`,
    {
      details: { fileId },
      publicMessage: "There is such a file already.",
      ...(cause !== undefined && { cause }),
    },
  );
}

/** It is longer than a bound; `bound` is the option that sets it. */
export function tooLarge(fileId: string, maxBytes: number, bound: string): Error {
  return new TooLargeError(
    `${JSON.stringify(fileId)} is larger than ${maxBytes} bytes (${bound})`,
    {
      details: { maxBytes },
      publicMessage: `The file is larger than ${maxBytes} bytes.`,
    },
  );
}
