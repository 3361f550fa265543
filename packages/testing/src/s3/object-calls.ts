import { pipeline } from "node:stream/promises";

import { readBlobs } from "./blob-store.js";
import { etagOf, rememberedHeaders, type S3Object } from "./bucket.js";
import { sendEmpty, sendXml, type Call } from "./call.js";
import { readBody, toBase64 } from "./request-body.js";
import { S3Failure } from "./s3-failure.js";

export async function putObject(call: Call): Promise<void> {
  const { request, url, payload, bucket, blobs, key } = call;
  bucket.checkWrite(key, request.headers);
  const headers = rememberedHeaders(request.headers);
  const blob = await readBody(request, url, payload, blobs);
  // others may have come first while the body came
  try {
    bucket.checkWrite(key, request.headers);
  } catch (error) {
    await blob.release();
    throw error;
  }
  const crc32 = toBase64(blob.crc32);
  const etag = etagOf(blob);
  await bucket.put({ key, blobs: [blob], etag, crc32, checksumType: "FULL_OBJECT", headers });
  sendEmpty(call, 200, {
    etag,
    "x-amz-checksum-crc32": crc32,
    "x-amz-checksum-type": "FULL_OBJECT",
  });
}

/** GET and HEAD. */
export async function getObject(call: Call): Promise<void> {
  const { request, response, url, bucket, key } = call;
  const object = bucket.get(key);
  const { headers } = request;
  if (headers["if-match"] !== undefined && headers["if-match"] !== object.etag) {
    throw new S3Failure(412, "PreconditionFailed");
  }
  if (headers["if-none-match"] === object.etag) return sendEmpty(call, 304, { etag: object.etag });
  const range = rangeOf(headers.range, object.sizeBytes);
  const { start, end } = range ?? { start: 0, end: object.sizeBytes - 1 };
  const wantsChecksum = headers["x-amz-checksum-mode"] === "ENABLED" && !range && object.crc32;
  response.writeHead(range ? 206 : 200, {
    ...object.headers,
    ...overrides(url),
    "accept-ranges": "bytes",
    "content-length": end - start + 1,
    "last-modified": object.modifiedAt.toUTCString(),
    etag: object.etag,
    ...(range && { "content-range": `bytes ${start}-${end}/${object.sizeBytes}` }),
    ...(wantsChecksum && {
      "x-amz-checksum-crc32": object.crc32,
      "x-amz-checksum-type": object.checksumType,
    }),
  });
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  // kept as long as somebody reads it, whatever is put in its place
  const held = object.blobs.map((blob) => blob.retain());
  try {
    await pipeline(readBlobs(held, start, end), response);
  } finally {
    for (const blob of held) await blob.release();
  }
}

export async function deleteObject(call: Call): Promise<void> {
  await call.bucket.delete(call.key);
  sendEmpty(call, 204);
}

export async function copyObject(call: Call): Promise<void> {
  const { request, bucket, key } = call;
  const source = copySource(call);
  bucket.checkWrite(key, request.headers);
  const replaces = request.headers["x-amz-metadata-directive"] === "REPLACE";
  const { blobs, etag, crc32, checksumType } = source;
  const { modifiedAt } = await bucket.put({
    key,
    blobs: blobs.map((blob) => blob.retain()),
    etag,
    crc32,
    checksumType,
    headers: replaces ? rememberedHeaders(request.headers) : source.headers,
  });
  sendXml(call, [
    "CopyObjectResult",
    [
      ["ETag", etag],
      ["LastModified", modifiedAt.toISOString()],
    ],
  ]);
}

/** The object that a copy is made from. */
export function copySource({ request, bucketName, bucket }: Call): S3Object {
  const { headers } = request;
  const [name, ...key] = decodeURIComponent(String(headers["x-amz-copy-source"]))
    .replace(/^\//, "")
    .split("/");
  if (name !== bucketName) throw new S3Failure(404, "NoSuchBucket");
  const source = bucket.get(key.join("/"));
  const wanted = headers["x-amz-copy-source-if-match"];
  if (wanted !== undefined && wanted !== source.etag)
    throw new S3Failure(412, "PreconditionFailed");
  return source;
}

/** The range that a header names; `undefined` for the whole. @throws S3Failure when it begins behind the end. */
export function rangeOf(
  header: string | undefined,
  sizeBytes: number,
): { readonly start: number; readonly end: number } | undefined {
  const [all, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (all === undefined || (first === "" && last === "")) return undefined;
  const start = first === "" ? Math.max(0, sizeBytes - Number(last)) : Number(first);
  const end = first === "" || last === "" ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (start >= sizeBytes) {
    throw new S3Failure(416, "InvalidRange", "The requested range is not satisfiable", {
      "content-range": `bytes */${sizeBytes}`,
    });
  }
  return end < start ? undefined : { start, end };
}

/** The headers that a presigned URL asks for. */
function overrides(url: URL): Record<string, string> {
  const wanted = [...url.searchParams].filter(([name]) => name.startsWith("response-"));
  return Object.fromEntries(wanted.map(([name, value]) => [name.slice("response-".length), value]));
}
