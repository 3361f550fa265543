import { mkdtemp, open, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { BlobStore } from "./blob-store.js";
import { deleteObjects, listObjects } from "./bucket-calls.js";
import { Bucket } from "./bucket.js";
import { sendEmpty, type Call } from "./call.js";
import * as multipart from "./multipart-calls.js";
import { copyObject, deleteObject, getObject, putObject } from "./object-calls.js";
import { postForm } from "./post-form.js";
import { S3Failure } from "./s3-failure.js";
import { checkSignature, type S3Identity } from "./signature.js";
import { toXml } from "./xml.js";

/** A request as a test wants to see it. */
export interface S3Request {
  /** As the API names it: `PutObject`, `UploadPart`, … */
  readonly operation: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** What goes wrong: an answer that S3 could give, or a connection that is cut. */
export type S3Fault = { readonly status: number; readonly code: string } | "cut";

/** Options of {@link startS3}. */
export interface StartS3Options {
  /** The name of the one bucket. @default "test" */
  readonly bucket?: string;
  /** The one that requests must be signed for. @default "eu-test-1" */
  readonly region?: string;
  /** Parts but the last may not be smaller when an upload is completed. @default 5 MB, as S3 has it */
  readonly minPartBytes?: number;
  /** Asked before each request is answered; what it returns happens instead, and a promise holds the request up. */
  readonly intercept?: (request: S3Request) => S3Fault | undefined | Promise<S3Fault | undefined>;
}

/** An upload in parts that was neither completed nor aborted. */
export interface OpenUpload {
  readonly key: string;
  readonly uploadId: string;
  readonly parts: number;
}

/** A server of one's own that speaks the protocol of S3, on a free loopback port, its files in a temporary folder. */
export interface S3Server extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`: the endpoint. */
  readonly url: string;
  readonly bucket: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** All of it in one, for `STORAGE_URL`. */
  readonly storageUrl: string;
  /** The keys of all objects, sorted. */
  keys(): string[];
  openUploads(): OpenUpload[];
  /** Connections that are open. */
  connections(): Promise<number>;
  /** Changes a byte of an object behind the back of everybody. */
  damage(key: string): Promise<void>;
  /** Stops the server, cuts its connections and removes its folder; idempotent. */
  stop(): Promise<void>;
}

const credentials = { accessKeyId: "AKIATEST", secretAccessKey: "test/secret+key" };

/**
 * Starts an S3 server in this process. It checks signatures (version 4, in headers, presigned and of forms), decodes
 * `aws-chunked` with its trailers, holds content against hashes and checksums, and knows ranges, conditional requests, uploads in parts, copies,
 * and lists in pages. Anything else is a 501.
 */
export async function startS3(options: StartS3Options = {}): Promise<S3Server> {
  const { bucket: bucketName = "test", minPartBytes = 5 * 1024 ** 2 } = options;
  const identity: S3Identity = { ...credentials, region: options.region ?? "eu-test-1" };
  const folder = await mkdtemp(join(tmpdir(), "s3-"));
  const bucket = new Bucket();
  const blobs = new BlobStore(folder);
  const server = createServer((request, response) => {
    void answer(request, response);
  });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const url = new URL(request.url ?? "/", `http://${request.headers.host}`);
      const [name, ...key] = url.pathname.slice(1).split("/").map(decodeURIComponent);
      const call = {
        request,
        response,
        url,
        bucketName,
        bucket,
        blobs,
        minPartBytes,
        key: key.join("/"),
      };
      const { operation, run } = operationOf(request, url, call.key, identity);
      const { headers } = request;
      const fault = await options.intercept?.({ operation, key: call.key, headers });
      if (fault === "cut") return void request.socket.destroy();
      if (fault) throw new S3Failure(fault.status, fault.code);
      const isForm = operation === "PostObject";
      const payload = isForm ? "UNSIGNED-PAYLOAD" : checkSignature(request, url, identity);
      if (name !== bucketName) throw new S3Failure(404, "NoSuchBucket");
      await run({ ...call, payload });
    } catch (error) {
      refuse(request, response, error);
    }
  };
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  server.unref();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { accessKeyId, secretAccessKey, region } = identity;
  const user = `${accessKeyId}:${encodeURIComponent(secretAccessKey)}`;
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> =>
    (stopped ??= (async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await rm(folder, { recursive: true, force: true });
    })());
  return {
    url,
    bucket: bucketName,
    region,
    credentials: { accessKeyId, secretAccessKey },
    storageUrl: `s3://${user}@${bucketName}?region=${region}&endpoint=${encodeURIComponent(url)}`,
    keys: () => [...bucket.objects.keys()].toSorted(),
    openUploads: () =>
      [...bucket.uploads.values()].map(({ key, uploadId, parts }) => ({
        key,
        uploadId,
        parts: parts.size,
      })),
    connections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    damage: (key) => damage(bucket.get(key).blobs[0]!.path),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

type Run = (call: Call) => Promise<void>;

function operationOf(
  { method, headers }: IncomingMessage,
  { searchParams }: URL,
  key: string,
  identity: S3Identity,
): { readonly operation: string; readonly run: Run } {
  const has = (name: string): boolean => searchParams.has(name);
  const isCopy = headers["x-amz-copy-source"] !== undefined;
  const found = ((): readonly [string, Run] => {
    switch (`${method} ${key === "" ? "bucket" : "object"}`) {
      case "GET bucket":
        return has("uploads")
          ? ["ListMultipartUploads", multipart.listMultipartUploads]
          : ["ListObjectsV2", listObjects];
      case "HEAD bucket":
        return ["HeadBucket", async (call) => sendEmpty(call, 200)];
      case "POST bucket":
        return has("delete")
          ? ["DeleteObjects", deleteObjects]
          : ["PostObject", (call) => postForm(call, identity)];
      case "GET object":
        return has("uploadId") ? ["ListParts", multipart.listParts] : ["GetObject", getObject];
      case "HEAD object":
        return ["HeadObject", getObject];
      case "PUT object":
        if (has("partNumber")) {
          return isCopy
            ? ["UploadPartCopy", multipart.uploadPartCopy]
            : ["UploadPart", multipart.uploadPart];
        }
        return isCopy ? ["CopyObject", copyObject] : ["PutObject", putObject];
      case "POST object":
        if (has("uploads")) return ["CreateMultipartUpload", multipart.createMultipartUpload];
        return ["CompleteMultipartUpload", multipart.completeMultipartUpload];
      case "DELETE object":
        return has("uploadId")
          ? ["AbortMultipartUpload", multipart.abortMultipartUpload]
          : ["DeleteObject", deleteObject];
      default:
        throw new S3Failure(501, "NotImplemented");
    }
  })();
  return { operation: found[0], run: found[1] };
}

function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (response.headersSent || request.socket.destroyed) return void response.destroy();
  const failure =
    error instanceof S3Failure ? error : new S3Failure(500, "InternalError", String(error));
  const body = toXml([
    "Error",
    [
      ["Code", failure.code],
      ["Message", failure.message],
    ],
  ]);
  const hasBody = request.method !== "HEAD" && failure.status !== 304;
  response.writeHead(failure.status, {
    ...failure.headers,
    ...(hasBody && {
      "content-type": "application/xml",
      "content-length": Buffer.byteLength(body),
    }),
    // what is left of the body is not read
    ...(!request.complete && { connection: "close" }),
  });
  response.end(hasBody ? body : undefined);
}

async function damage(path: string): Promise<void> {
  const handle = await open(path, "r+");
  try {
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, 0);
    await handle.write(Buffer.from([(buffer[0] ?? 0) ^ 0xff]), 0, 1, 0);
  } finally {
    await handle.close();
  }
}
