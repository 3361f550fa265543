import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";

import type { BlobStore } from "./blob-store.js";
import type { Bucket } from "./bucket.js";
import { readBody } from "./request-body.js";
import { toXml, type XmlElement } from "./xml.js";

/** One request, as far as it is understood. */
export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly key: string;
  /** What the signature says of the body. */
  readonly payload: string;
  readonly bucketName: string;
  readonly bucket: Bucket;
  readonly blobs: BlobStore;
  readonly minPartBytes: number;
}

/** Answers with a document. */
export function sendXml(
  { response }: Call,
  element: XmlElement,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = toXml(element);
  response.writeHead(200, {
    "content-type": "application/xml",
    "content-length": Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}

/** Answers without a body. */
export function sendEmpty(
  { response }: Call,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, headers).end();
}

/** The whole body of a small request, its hash and checksums checked. */
export async function bodyText(call: Call): Promise<string> {
  const blob = await readBody(call.request, call.url, call.payload, call.blobs);
  try {
    return await readFile(blob.path, "utf8");
  } finally {
    await blob.release();
  }
}
