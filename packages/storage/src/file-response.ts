import type { IncomingHttpHeaders } from "node:http";
import { Readable } from "node:stream";

import type { FileMetadata, FileRange, Storage, StorageOptions } from "@infra/interfaces";

import { CorruptFileError } from "./errors.js";

/** What is asked: a request of Node.js, as it is. */
export interface FileRequest {
  /** @default "GET" */
  readonly method?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** Options of {@link fileResponse}. */
export interface FileResponseOptions extends StorageOptions {
  /** @default what was stored with the file, else `private, no-cache` */
  readonly cacheControl?: string | undefined;
  /** @default what was stored with the file */
  readonly contentDisposition?: string | undefined;
}

/** An answer, for any framework: `reply.code(status).headers(headers).send(content)`. */
export interface FileResponse {
  readonly status: 200 | 206 | 304;
  readonly headers: Readonly<Record<string, string | number>>;
  /** Missing where there is none: 304, and HEAD. Destroy it when it is not sent. */
  readonly content?: Readable;
}

/**
 * Answers GET or HEAD with a file, or the range of it that is asked for; with 304 who has it already. No file acts as a page
 * of the site.
 *
 * @throws FileNotFoundError (404), RangeError of HTTP (`ERR_STORAGE_RANGE`, 416), and what reading throws. The content fails
 * with a CorruptFileError (`ERR_STORAGE_CORRUPT`) when the file was replaced by one of another length since.
 */
export async function fileResponse(
  storage: Storage,
  fileId: string,
  request: FileRequest,
  { cacheControl, contentDisposition, provider, signal }: FileResponseOptions = {},
): Promise<FileResponse> {
  const metadata = await storage.getMetadata(fileId, { provider, signal });
  const headers = headersOf({
    ...metadata,
    ...(cacheControl !== undefined && { cacheControl }),
    ...(contentDisposition !== undefined && { contentDisposition }),
  });
  if (isNotModified(request, metadata)) return { status: 304, headers };
  const range = rangeOf(request, metadata);
  const stream =
    request.method === "HEAD"
      ? undefined
      : await storage.getFileStream(fileId, { provider, signal, range });
  const end = Math.min(range?.end ?? Infinity, metadata.sizeBytes - 1);
  const length = range ? end - range.start + 1 : metadata.sizeBytes;
  return {
    status: range ? 206 : 200,
    headers: {
      ...headers,
      "content-length": length,
      ...(range && { "content-range": `bytes ${range.start}-${end}/${metadata.sizeBytes}` }),
    },
    ...(stream && {
      content: Readable.from(ofLength(stream, length, fileId), { objectMode: false }),
    }),
  };
}

/** More than was announced would be taken for the next answer on the connection, and less be waited for. */
async function* ofLength(
  stream: AsyncIterable<Uint8Array>,
  length: number,
  fileId: string,
): AsyncGenerator<Uint8Array> {
  let left = length;
  for await (const chunk of stream) {
    left -= chunk.length;
    if (left < 0) break;
    yield chunk;
  }
  if (left === 0) return;
  throw new CorruptFileError(
    `the file ${JSON.stringify(fileId)} was replaced while it was sent: it is not ${length} bytes long any more`,
    { details: { fileId }, publicMessage: "The file was replaced meanwhile.", retryable: true },
  );
}

function headersOf({
  contentType,
  contentDisposition,
  cacheControl,
  etag,
  modifiedAt,
}: FileMetadata): Record<string, string> {
  return {
    "content-type": contentType,
    "accept-ranges": "bytes",
    "last-modified": modifiedAt.toUTCString(),
    "cache-control": cacheControl ?? "private, no-cache",
    "x-content-type-options": "nosniff",
    // what somebody uploaded must not act as a page of this site
    ...(/html|xml|svg|javascript/.test(contentType) && { "content-security-policy": "sandbox" }),
    ...(etag !== undefined && { etag }),
    ...(contentDisposition !== undefined && { "content-disposition": contentDisposition }),
  };
}

function isNotModified({ headers }: FileRequest, { etag }: FileMetadata): boolean {
  const known = headers["if-none-match"];
  if (known === undefined || etag === undefined) return false;
  return known.split(",").some((each) => ["*", etag, `W/${etag}`].includes(each.trim()));
}

/** One range; of several, or one that is not understood, the whole file is the answer (RFC 9110, 14.2). */
function rangeOf({ headers }: FileRequest, metadata: FileMetadata): FileRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(headers.range ?? "");
  const [, first = "", last = ""] = match ?? [];
  const condition = headers["if-range"];
  if (first === "" && last === "") return undefined;
  if (condition !== undefined && condition !== metadata.etag) return undefined;
  if (first === "") return { start: Math.max(0, metadata.sizeBytes - Number(last)) };
  if (last !== "" && Number(last) < Number(first)) return undefined;
  return { start: Number(first), ...(last !== "" && { end: Number(last) }) };
}
