import { createHash, randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

import type { Blob } from "./blob-store.js";
import { S3Failure } from "./s3-failure.js";

/** An object: bytes, and what is remembered of them. */
export interface S3Object {
  readonly key: string;
  readonly blobs: readonly Blob[];
  readonly sizeBytes: number;
  readonly etag: string;
  readonly modifiedAt: Date;
  /** In base64, of the whole content or, with `-` and a number behind it, of its parts. */
  readonly crc32: string | undefined;
  readonly checksumType: string;
  /** The headers that it is answered with. */
  readonly headers: Readonly<Record<string, string>>;
}

/** An upload in parts that is not completed yet. */
export interface S3Upload {
  readonly key: string;
  readonly uploadId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly algorithm: string | undefined;
  readonly checksumType: string;
  readonly parts: Map<number, { readonly blob: Blob; readonly etag: string }>;
}

/** The one bucket of the server. */
export class Bucket {
  readonly objects = new Map<string, S3Object>();
  readonly uploads = new Map<string, S3Upload>();

  /** @throws S3Failure when there is none. */
  get(key: string): S3Object {
    const object = this.objects.get(key);
    if (!object) throw new S3Failure(404, "NoSuchKey", "The specified key does not exist.");
    return object;
  }

  async put(object: Omit<S3Object, "modifiedAt" | "sizeBytes">): Promise<S3Object> {
    const sizeBytes = object.blobs.reduce((sum, blob) => sum + blob.sizeBytes, 0);
    const old = this.objects.get(object.key);
    const stored = { ...object, sizeBytes, modifiedAt: new Date() };
    this.objects.set(object.key, stored);
    for (const blob of old?.blobs ?? []) await blob.release();
    return stored;
  }

  async delete(key: string): Promise<void> {
    const old = this.objects.get(key);
    this.objects.delete(key);
    for (const blob of old?.blobs ?? []) await blob.release();
  }

  /** @throws S3Failure when the condition of a write does not hold. */
  checkWrite(key: string, headers: IncomingHttpHeaders): void {
    const old = this.objects.get(key);
    const isTaken = headers["if-none-match"] === "*" && old;
    const isOther = headers["if-match"] !== undefined && headers["if-match"] !== old?.etag;
    if (isTaken || isOther) throw new S3Failure(412, "PreconditionFailed");
  }

  begin(key: string, headers: IncomingHttpHeaders): S3Upload {
    const algorithm = headers["x-amz-checksum-algorithm"];
    const upload = {
      key,
      uploadId: randomUUID(),
      headers: rememberedHeaders(headers),
      algorithm: algorithm === undefined ? undefined : String(algorithm),
      checksumType: String(headers["x-amz-checksum-type"] ?? "COMPOSITE"),
      parts: new Map(),
    };
    this.uploads.set(upload.uploadId, upload);
    return upload;
  }

  /** @throws S3Failure when there is none. */
  upload(uploadId: string, key: string): S3Upload {
    const upload = this.uploads.get(uploadId);
    if (upload?.key !== key) throw new S3Failure(404, "NoSuchUpload");
    return upload;
  }

  async abort({ uploadId, parts }: S3Upload): Promise<void> {
    this.uploads.delete(uploadId);
    for (const { blob } of parts.values()) await blob.release();
  }
}

/** Stands for the MD5 that S3 uses, which would cost more than all else here: the same for the same content. */
export function etagOf(...blobs: readonly Blob[]): string {
  const hash = createHash("md5");
  for (const { crc32, sizeBytes } of blobs) hash.update(`${crc32}/${sizeBytes};`);
  return `"${hash.digest("hex")}${blobs.length > 1 ? `-${blobs.length}` : ""}"`;
}

const remembered = new Set([
  "content-type",
  "content-disposition",
  "content-encoding",
  "content-language",
  "cache-control",
  "expires",
]);
const mostMetadataBytes = 2048;

/** What of a request's headers is remembered with the object. */
export function rememberedHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = { "content-type": "binary/octet-stream" };
  let bytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    const isOwn = name.startsWith("x-amz-meta-");
    if (isOwn) bytes += name.length - "x-amz-meta-".length + String(value).length;
    if (isOwn || remembered.has(name)) kept[name] = String(value);
  }
  // the framing is no part of the object
  const encoding = kept["content-encoding"]?.replace(/aws-chunked,?\s*/, "");
  if (encoding === "") delete kept["content-encoding"];
  else if (encoding !== undefined) kept["content-encoding"] = encoding;
  if (bytes > mostMetadataBytes) throw new S3Failure(400, "MetadataTooLarge");
  return kept;
}
