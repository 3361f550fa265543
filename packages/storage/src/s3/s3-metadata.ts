import type { FileMetadata, StoreFileOptions } from "@infra/interfaces";

import { attributesOf } from "../file-attributes.js";

/** Where a SHA-256 that was given is kept. */
const sha256Name = "infra-sha256";

/** The parameters of a request that say what is remembered of a file. */
export interface S3Attributes {
  readonly ContentType: string;
  readonly ContentDisposition?: string;
  readonly CacheControl?: string;
  readonly Metadata: Record<string, string>;
}

/** What the answers to GET and HEAD say. */
export interface S3Head {
  readonly ContentLength?: number | undefined;
  readonly ContentRange?: string | undefined;
  readonly ContentType?: string | undefined;
  readonly ContentDisposition?: string | undefined;
  readonly CacheControl?: string | undefined;
  readonly ETag?: string | undefined;
  readonly LastModified?: Date | undefined;
  readonly ChecksumCRC32?: string | undefined;
  readonly Metadata?: Record<string, string> | undefined;
}

export function toS3Attributes(options: StoreFileOptions): S3Attributes {
  const { contentType, contentDisposition, cacheControl, sha256, metadata } = attributesOf(options);
  const entries = Object.entries(metadata).map(([name, value]) => [name, encodeValue(value)]);
  return {
    ContentType: contentType,
    ...(contentDisposition !== undefined && { ContentDisposition: contentDisposition }),
    ...(cacheControl !== undefined && { CacheControl: cacheControl }),
    Metadata: Object.fromEntries([...entries, ...(sha256 ? [[sha256Name, sha256]] : [])]),
  };
}

export function fromS3Head(fileId: string, head: S3Head): FileMetadata {
  const { [sha256Name]: sha256, ...own } = head.Metadata ?? {};
  const crc32 = hexOf(head.ChecksumCRC32);
  return {
    fileId,
    sizeBytes: head.ContentLength ?? 0,
    contentType: head.ContentType ?? "application/octet-stream",
    modifiedAt: head.LastModified ?? new Date(0),
    ...(head.ETag !== undefined && { etag: head.ETag }),
    ...(head.ContentDisposition !== undefined && { contentDisposition: head.ContentDisposition }),
    ...(head.CacheControl !== undefined && { cacheControl: head.CacheControl }),
    ...(sha256 !== undefined && { sha256 }),
    ...(crc32 !== undefined && { crc32 }),
    metadata: Object.fromEntries(
      Object.entries(own).map(([name, value]) => [name, decodeValue(value)]),
    ),
  };
}

/** Headers are ASCII: anything else goes as an encoded word of RFC 2047, as S3 itself answers it. */
function encodeValue(value: string): string {
  const isPlain = /^[\u0020-\u007e]*$/.test(value) && !value.startsWith("=?");
  return isPlain ? value : `=?UTF-8?B?${Buffer.from(value).toString("base64")}?=`;
}

function decodeValue(value: string): string {
  const [, base64] = /^=\?UTF-8\?B\?([A-Za-z0-9+/]*={0,2})\?=$/i.exec(value) ?? [];
  return base64 === undefined ? value : Buffer.from(base64, "base64").toString();
}

/** Of the whole content; that of an upload in parts may be one of the parts' checksums, which says nothing here. */
function hexOf(checksum: string | undefined): string | undefined {
  if (checksum === undefined || checksum.includes("-")) return undefined;
  return Buffer.from(checksum, "base64").toString("hex");
}
