import { createHash, type Hash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { crc32 } from "node:zlib";

import type { Blob, BlobStore } from "./blob-store.js";
import { S3Failure } from "./s3-failure.js";

/** The checksums that a body is held against: in its headers or trailers, or in the query of a presigned URL. */
const hashes = { "x-amz-checksum-sha256": "sha256", "x-amz-checksum-sha1": "sha1" } as const;

/**
 * Writes the body of a request to a blob: takes the framing of `aws-chunked` off, and holds the content against the
 * signature's hash, `Content-MD5`, and the checksums in headers and trailers.
 *
 * @param payload what the signature says of the body.
 * @throws S3Failure when any of them differs, or the body breaks off; then nothing is kept.
 */
export async function readBody(
  request: IncomingMessage,
  url: URL,
  payload: string,
  blobs: BlobStore,
): Promise<Blob> {
  const expected = new Map<string, string>();
  for (const name of ["x-amz-checksum-crc32", "x-amz-checksum-crc32c", ...Object.keys(hashes)]) {
    const value = request.headers[name] ?? url.searchParams.get(name);
    if (value) expected.set(name, String(value));
  }
  const isChunked = payload.startsWith("STREAMING-");
  if (isChunked && payload !== "STREAMING-UNSIGNED-PAYLOAD-TRAILER") {
    throw new S3Failure(501, "NotImplemented", `a body of ${payload}`);
  }
  const trailer = String(request.headers["x-amz-trailer"] ?? "");
  const digests = startDigests(payload, request, trailer, expected);
  let crc = 0;
  let length = 0;
  const content = isChunked ? unframe(request, expected) : request;
  const observed = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of content as AsyncIterable<Buffer>) {
      crc = crc32(chunk, crc);
      length += chunk.length;
      for (const digest of digests.values()) digest.update(chunk);
      yield chunk;
    }
    if (!request.complete) throw new S3Failure(400, "IncompleteBody");
    check(payload, request, length, crc, digests, expected);
  };
  return blobs.write(observed(), () => crc);
}

function startDigests(
  payload: string,
  request: IncomingMessage,
  trailer: string,
  expected: ReadonlyMap<string, string>,
): Map<string, Hash> {
  const digests = new Map<string, Hash>();
  if (/^[0-9a-f]{64}$/.test(payload)) digests.set("payload", createHash("sha256"));
  if (request.headers["content-md5"]) digests.set("content-md5", createHash("md5"));
  for (const [name, algorithm] of Object.entries(hashes)) {
    if (trailer.includes(name) || expected.has(name)) digests.set(name, createHash(algorithm));
  }
  return digests;
}

function check(
  payload: string,
  request: IncomingMessage,
  length: number,
  crc: number,
  digests: ReadonlyMap<string, Hash>,
  expected: ReadonlyMap<string, string>,
): void {
  const decoded = request.headers["x-amz-decoded-content-length"];
  if (decoded !== undefined && Number(decoded) !== length)
    throw new S3Failure(400, "IncompleteBody");
  const announced = request.headers["x-amz-trailer"];
  if (announced !== undefined && !expected.has(String(announced).trim().toLowerCase())) {
    throw new S3Failure(400, "MalformedTrailerError");
  }
  for (const [name, digest] of digests) {
    const found = digest.digest(name === "payload" ? "hex" : "base64");
    const wanted =
      name === "payload"
        ? payload
        : name === "content-md5"
          ? request.headers["content-md5"]
          : expected.get(name);
    if (found !== wanted) {
      throw new S3Failure(400, name === "payload" ? "XAmzContentSHA256Mismatch" : "BadDigest");
    }
  }
  const wanted = expected.get("x-amz-checksum-crc32");
  if (wanted !== undefined && wanted !== toBase64(crc)) {
    throw new S3Failure(400, "BadDigest", `The CRC32 you specified did not match: ${wanted}`);
  }
}

/** A CRC-32 as S3 writes it. */
export function toBase64(crc: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc);
  return bytes.toString("base64");
}

/** Takes off the framing of `aws-chunked`: each chunk after a line with its length in hex, trailers after the last. */
async function* unframe(
  request: AsyncIterable<Buffer>,
  trailers: Map<string, string>,
): AsyncGenerator<Uint8Array> {
  let buffer: Buffer = Buffer.alloc(0);
  let left = 0;
  let state = "length" as "length" | "content" | "end of chunk" | "trailers";
  for await (const data of request) {
    buffer = buffer.length === 0 ? data : Buffer.concat([buffer, data]);
    for (;;) {
      if (state === "content") {
        const chunk = buffer.subarray(0, left);
        left -= chunk.length;
        buffer = buffer.subarray(chunk.length);
        if (chunk.length > 0) yield chunk;
        if (left > 0) break;
        state = "end of chunk";
      }
      const end = buffer.indexOf("\r\n");
      if (end < 0) break;
      const line = buffer.subarray(0, end).toString("latin1");
      buffer = buffer.subarray(end + 2);
      if (state === "end of chunk") {
        if (line !== "") throw new S3Failure(400, "InvalidChunkSizeError");
        state = "length";
      } else if (state === "length") {
        left = Number.parseInt(line.split(";", 1)[0]!, 16);
        if (Number.isNaN(left)) throw new S3Failure(400, "InvalidChunkSizeError");
        state = left === 0 ? "trailers" : "content";
      } else if (line !== "") {
        const at = line.indexOf(":");
        trailers.set(line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim());
      }
    }
  }
  if (state !== "trailers") throw new S3Failure(400, "IncompleteBody");
}
