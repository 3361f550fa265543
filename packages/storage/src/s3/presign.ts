import type { S3Client } from "@aws-sdk/client-s3";
import { importPeer } from "@infra/errors";
import type { SignedUrlOptions, UploadForm, UploadFormOptions } from "@infra/interfaces";

import { withoutChecksums, type S3Module } from "./s3-client.js";

/** An object of a bucket. */
export interface S3Object {
  readonly Bucket: string;
  readonly Key: string;
}

/** A URL that S3 itself answers. @throws PeerMissingError (`ERR_PEER_MISSING`) */
export async function presignUrl(
  s3: S3Module,
  client: S3Client,
  object: S3Object,
  options: SignedUrlOptions & { readonly expiresInMs: number },
): Promise<string> {
  const { operation = "read", contentType, contentDisposition } = options;
  const { getSignedUrl } = await importPeer(
    "@aws-sdk/s3-request-presigner",
    () => import("@aws-sdk/s3-request-presigner"),
    { for: "a signed URL of S3" },
  );
  const expiresIn = Math.floor(options.expiresInMs / 1000);
  if (operation === "read") {
    const command = new s3.GetObjectCommand({
      ...object,
      ...(contentDisposition !== undefined && { ResponseContentDisposition: contentDisposition }),
    });
    return getSignedUrl(withoutChecksums(client), command, { expiresIn });
  }
  const command = new s3.PutObjectCommand({
    ...object,
    ...(contentType !== undefined && { ContentType: contentType }),
  });
  // what is not signed is not held to
  return getSignedUrl(withoutChecksums(client), command, {
    expiresIn,
    signableHeaders: new Set(["host", "content-type"]),
  });
}

/** A form that S3 itself answers. @throws PeerMissingError (`ERR_PEER_MISSING`) */
export async function presignForm(
  client: S3Client,
  object: S3Object,
  options: UploadFormOptions & { readonly expiresInMs: number; readonly maxBytes: number },
): Promise<UploadForm> {
  const { contentType, maxBytes, expiresInMs } = options;
  const { createPresignedPost } = await importPeer(
    "@aws-sdk/s3-presigned-post",
    () => import("@aws-sdk/s3-presigned-post"),
    { for: "an upload form of S3" },
  );
  const isOpen = contentType?.endsWith("/*") ?? false;
  const form = await createPresignedPost(client, {
    ...object,
    Expires: Math.floor(expiresInMs / 1000),
    Conditions: [
      ["content-length-range", 0, maxBytes],
      ...(isOpen ? [startsWith(contentType!.slice(0, -1))] : []),
      // any type may be said, or none
      ...(contentType === undefined ? [startsWith("")] : []),
    ],
    ...(contentType !== undefined && !isOpen && { Fields: { "Content-Type": contentType } }),
  });
  return { url: form.url, fields: form.fields };
}

function startsWith(type: string): ["starts-with", string, string] {
  return ["starts-with", "$Content-Type", type];
}
