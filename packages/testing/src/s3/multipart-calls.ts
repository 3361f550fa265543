import { crc32 } from "node:zlib";

import { readBlobs, type Blob } from "./blob-store.js";
import { etagOf, type S3Upload } from "./bucket.js";
import { bodyText, sendEmpty, sendXml, type Call } from "./call.js";
import { combineCrc32 } from "./crc32-combine.js";
import { copySource, rangeOf } from "./object-calls.js";
import { readBody, toBase64 } from "./request-body.js";
import { S3Failure } from "./s3-failure.js";
import { elementsOf, textOf } from "./xml.js";

export async function createMultipartUpload(call: Call): Promise<void> {
  const { bucket, bucketName, key, request } = call;
  const { uploadId } = bucket.begin(key, request.headers);
  sendXml(call, [
    "InitiateMultipartUploadResult",
    [
      ["Bucket", bucketName],
      ["Key", key],
      ["UploadId", uploadId],
    ],
  ]);
}

export async function uploadPart(call: Call): Promise<void> {
  const { request, url, payload, blobs } = call;
  const upload = uploadOf(call);
  const blob = await readBody(request, url, payload, blobs);
  const etag = await keepPart(call, upload, blob);
  sendEmpty(call, 200, {
    etag,
    ...(upload.algorithm && { "x-amz-checksum-crc32": toBase64(blob.crc32) }),
  });
}

export async function uploadPartCopy(call: Call): Promise<void> {
  const { request, blobs } = call;
  const upload = uploadOf(call);
  const source = copySource(call);
  const range = rangeOf(String(request.headers["x-amz-copy-source-range"] ?? ""), source.sizeBytes);
  const { start, end } = range ?? { start: 0, end: source.sizeBytes - 1 };
  let crc = 0;
  const observed = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of readBlobs(source.blobs, start, end)) {
      crc = crc32(chunk, crc);
      yield chunk;
    }
  };
  const etag = await keepPart(call, upload, await blobs.write(observed(), () => crc));
  const now = new Date().toISOString();
  sendXml(call, [
    "CopyPartResult",
    [
      ["ETag", etag],
      ["LastModified", now],
    ],
  ]);
}

export async function completeMultipartUpload(call: Call): Promise<void> {
  const { request, bucket, bucketName, key } = call;
  const upload = uploadOf(call);
  const named = elementsOf(await bodyText(call), "Part");
  bucket.checkWrite(key, request.headers);
  const parts = named.map((xml) => partOf(upload, xml));
  if (parts.length === 0) throw new S3Failure(400, "MalformedXML");
  if (parts.some(({ number }, at) => at > 0 && number <= parts[at - 1]!.number)) {
    throw new S3Failure(400, "InvalidPartOrder");
  }
  if (parts.slice(0, -1).some(({ blob }) => blob.sizeBytes < call.minPartBytes)) {
    throw new S3Failure(400, "EntityTooSmall");
  }
  const used = parts.map(({ blob }) => blob.retain());
  const etag = etagOf(...used);
  const checksum = upload.algorithm === undefined ? undefined : checksumOf(upload, used);
  await bucket.put({
    key,
    blobs: used,
    etag,
    crc32: checksum,
    checksumType: upload.checksumType,
    headers: upload.headers,
  });
  await bucket.abort(upload);
  sendXml(call, [
    "CompleteMultipartUploadResult",
    [
      ["Bucket", bucketName],
      ["Key", key],
      ["ETag", etag],
    ],
  ]);
}

export async function abortMultipartUpload(call: Call): Promise<void> {
  await call.bucket.abort(uploadOf(call));
  sendEmpty(call, 204);
}

export async function listParts(call: Call): Promise<void> {
  const { uploadId, parts } = uploadOf(call);
  sendXml(call, [
    "ListPartsResult",
    [
      ["UploadId", uploadId],
      ["IsTruncated", false],
      ...[...parts].map(
        ([number, { etag, blob }]) =>
          [
            "Part",
            [
              ["PartNumber", number],
              ["ETag", etag],
              ["Size", blob.sizeBytes],
            ],
          ] as const,
      ),
    ],
  ]);
}

export async function listMultipartUploads(call: Call): Promise<void> {
  sendXml(call, [
    "ListMultipartUploadsResult",
    [
      ["Bucket", call.bucketName],
      ["IsTruncated", false],
      ...[...call.bucket.uploads.values()].map(
        ({ key, uploadId }) =>
          [
            "Upload",
            [
              ["Key", key],
              ["UploadId", uploadId],
            ],
          ] as const,
      ),
    ],
  ]);
}

function uploadOf({ bucket, url, key }: Call): S3Upload {
  return bucket.upload(url.searchParams.get("uploadId") ?? "", key);
}

async function keepPart(call: Call, upload: S3Upload, blob: Blob): Promise<string> {
  const number = Number(call.url.searchParams.get("partNumber"));
  const isOpen = call.bucket.uploads.has(upload.uploadId);
  if (!isOpen || !Number.isInteger(number) || number < 1 || number > 10_000) {
    await blob.release();
    throw isOpen ? new S3Failure(400, "InvalidArgument") : new S3Failure(404, "NoSuchUpload");
  }
  const etag = etagOf(blob);
  await upload.parts.get(number)?.blob.release();
  upload.parts.set(number, { blob, etag });
  return etag;
}

function partOf(upload: S3Upload, xml: string): { readonly number: number; readonly blob: Blob } {
  const number = Number(textOf(xml, "PartNumber"));
  const part = upload.parts.get(number);
  const checksum = textOf(xml, "ChecksumCRC32");
  const isOther = checksum !== undefined && checksum !== toBase64(part?.blob.crc32 ?? 0);
  if (!part || part.etag !== textOf(xml, "ETag") || isOther)
    throw new S3Failure(400, "InvalidPart");
  return { number, blob: part.blob };
}

/** Of the whole, or of the checksums of the parts. */
function checksumOf({ checksumType }: S3Upload, parts: readonly Blob[]): string {
  if (checksumType === "FULL_OBJECT") {
    return toBase64(parts.reduce((crc, part) => combineCrc32(crc, part.crc32, part.sizeBytes), 0));
  }
  const bytes = Buffer.alloc(4 * parts.length);
  for (const [at, part] of parts.entries()) bytes.writeUInt32BE(part.crc32, 4 * at);
  return `${toBase64(crc32(bytes))}-${parts.length}`;
}
