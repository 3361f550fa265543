import type { CopyObjectCommandInput, HeadObjectCommandOutput } from "@aws-sdk/client-s3";

import { uploadInParts, type MultipartUpload, type UploadPart } from "./multipart-upload.js";

/** Copies an object that is too large for one request, within S3, part by part. */
export async function copyInParts(
  work: Omit<MultipartUpload, "create" | "complete">,
  copy: CopyObjectCommandInput,
  head: HeadObjectCommandOutput,
  partBytes: number,
): Promise<void> {
  const { s3, client } = work;
  const { Bucket, Key, CopySource } = copy;
  const sizeBytes = head.ContentLength ?? 0;
  const copyPart =
    (start: number): UploadPart =>
    async (UploadId, PartNumber, abortSignal) => {
      const end = Math.min(start + partBytes, sizeBytes) - 1;
      const command = new s3.UploadPartCopyCommand({
        Bucket,
        Key,
        UploadId,
        PartNumber,
        CopySource,
        // what was looked at, or nothing
        CopySourceIfMatch: head.ETag,
        CopySourceRange: `bytes=${start}-${end}`,
      });
      const { CopyPartResult } = await client.send(command, { abortSignal });
      return { PartNumber, ETag: CopyPartResult?.ETag };
    };
  const parts = (async function* (): AsyncGenerator<UploadPart> {
    for (let start = 0; start < sizeBytes; start += partBytes) yield copyPart(start);
  })();
  const { ContentType, ContentDisposition, CacheControl, Metadata } = head;
  const create = { Bucket, Key, ContentType, ContentDisposition, CacheControl, Metadata };
  await uploadInParts({ ...work, create, complete: {} }, parts);
}
