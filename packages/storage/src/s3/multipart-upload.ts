import type {
  AbortMultipartUploadCommandOutput,
  CompletedPart,
  CompleteMultipartUploadCommandInput,
  CreateMultipartUploadCommandInput,
} from "@aws-sdk/client-s3";
import type { Logger } from "@infra/interfaces";

import { StorageFailedError } from "../errors.js";
import type { S3Connection } from "./s3-client.js";
import { s3Failure } from "./s3-errors.js";

const maxParts = 10_000;
const abortAttempts = 5;

/** What {@link uploadInParts} needs. */
export interface MultipartUpload extends S3Connection {
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly concurrency: number;
  readonly create: CreateMultipartUploadCommandInput;
  /** What completes it, but for the parts. */
  readonly complete: Partial<CompleteMultipartUploadCommandInput>;
}

/** Uploads one part, and resolves to what has to be said of it at the end. */
export type UploadPart = (
  uploadId: string,
  partNumber: number,
  signal: AbortSignal,
) => Promise<CompletedPart>;

/**
 * Uploads an object in parts, so many at a time. Whatever happens, an error, a signal or a part that S3 refuses, all requests
 * have come to an end and the upload is aborted before this rejects: no part is left behind, which the library's own
 * `Upload` can't promise, as it does not wait for the parts that are under way.
 *
 * @param parts the work, part by part, taken from the iterable as it is needed.
 */
export async function uploadInParts(
  upload: MultipartUpload,
  parts: AsyncIterable<UploadPart>,
): Promise<void> {
  const { s3, client, signal, create } = upload;
  signal.throwIfAborted();
  // not to be cut short: an answer that nobody read would leave an upload that nobody knows
  const { UploadId: uploadId } = await client.send(new s3.CreateMultipartUploadCommand(create));
  const failed = new AbortController();
  const give = (): void => failed.abort(signal.reason);
  signal.addEventListener("abort", give, { once: true });
  if (signal.aborted) give();
  const running = new Set<Promise<void>>();
  const completed: CompletedPart[] = [];
  try {
    let partNumber = 0;
    for await (const part of parts) {
      failed.signal.throwIfAborted();
      partNumber += 1;
      if (partNumber > maxParts) throw tooManyParts(create.Key);
      const work = part(uploadId!, partNumber, failed.signal)
        .then((uploaded) => void completed.push(uploaded))
        .catch((error: unknown) => failed.abort(error))
        .finally(() => running.delete(work));
      running.add(work);
      if (running.size >= upload.concurrency) await Promise.race(running);
    }
    await Promise.all(running);
    failed.signal.throwIfAborted();
    // from here on it is done or not, whatever the signal says
    await client.send(
      new s3.CompleteMultipartUploadCommand({
        ...upload.complete,
        Bucket: create.Bucket,
        Key: create.Key,
        UploadId: uploadId,
        MultipartUpload: { Parts: completed.toSorted((a, b) => a.PartNumber! - b.PartNumber!) },
      }),
    );
  } catch (error) {
    failed.abort(error);
    await Promise.all(running);
    await abort(upload, uploadId!);
    throw error;
  } finally {
    signal.removeEventListener("abort", give);
  }
}

/** Aborts an upload, and looks whether that left nothing: S3 may take in a part that was under way. */
async function abort(
  { s3, client, logger, create }: MultipartUpload,
  uploadId: string,
): Promise<void> {
  const upload = { Bucket: create.Bucket, Key: create.Key, UploadId: uploadId };
  let problem: unknown = "parts are still listed";
  for (let attempt = 1; attempt <= abortAttempts; attempt += 1) {
    try {
      await client.send<never, AbortMultipartUploadCommandOutput>(
        new s3.AbortMultipartUploadCommand(upload) as never,
      );
      await client.send(new s3.ListPartsCommand({ ...upload, MaxParts: 1 }));
    } catch (error) {
      if (s3Failure(error).name === "NoSuchUpload" || s3Failure(error).status === 404) return;
      problem = error;
    }
  }
  logger.error("a multipart upload could not be aborted: its parts stay until it is", {
    bucket: create.Bucket,
    key: create.Key,
    uploadId,
    error: problem,
  });
}

function tooManyParts(key: string | undefined): Error {
  return new StorageFailedError(
    `${JSON.stringify(key)} has more than ${maxParts} parts: give sizeBytes, or a larger partSize`,
  );
}
