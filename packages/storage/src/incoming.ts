import { Files, toChunks } from "@infra/files";
import { contentTypeOf, contentTypeSampleBytes } from "@infra/files/content-type";
import type { FileContent, StoreFileRequest } from "@infra/interfaces";

import { SizeMismatchError } from "./errors.js";
import { tooLarge } from "./file-errors.js";
import { IncomingChunks } from "./incoming-chunks.js";
import { letGo } from "./let-go.js";
import { checkType, type IncomingPolicy } from "./upload-policy.js";

/** Content on its way in: looked at, bounded, ready to be handed to a provider. */
export interface Incoming {
  readonly content: Uint8Array | IncomingChunks;
  readonly sizeBytes: number | undefined;
  readonly contentType: string;
  /** How much of it has gone by. */
  passedBytes(): number;
  /** Lets go of the source, when nobody will read it to its end. */
  discard(): Promise<void>;
}

/**
 * Opens content: the first bytes say what it is, the length is bounded, and a stream is held against what was said of it.
 *
 * @throws TooLargeError, TypeRefusedError; SizeMismatchError while it is read.
 */
export async function openIncoming(
  request: StoreFileRequest,
  key: string,
  policy: IncomingPolicy,
): Promise<Incoming> {
  const { signal } = request;
  const { content, sizeBytes } = await sourceOf(request);
  const discard = async (): Promise<void> => letGo(content);
  try {
    checkSize(key, sizeBytes, policy);
    if (typeof content === "string" || content instanceof Uint8Array) {
      const bytes = typeof content === "string" ? Buffer.from(content) : content;
      const contentType = look(bytes.subarray(0, contentTypeSampleBytes), key, request, policy);
      return { content: bytes, sizeBytes, contentType, passedBytes: () => bytes.length, discard };
    }
    const chunks = toChunks(content, signal);
    const seen = await peek(chunks);
    const contentType = look(sampleOf(seen), key, request, policy);
    const incoming = new IncomingChunks(seen, chunks, {
      passing(passed) {
        if (sizeBytes !== undefined && passed > sizeBytes) {
          throw otherSize(key, sizeBytes, passed, "at least ");
        }
        if (passed > policy.maxBytes) throw tooLarge(key, policy.maxBytes, "maxSize");
      },
      ended(passed) {
        if (sizeBytes !== undefined && passed !== sizeBytes) {
          throw otherSize(key, sizeBytes, passed, "");
        }
      },
    });
    return {
      content: incoming,
      sizeBytes,
      contentType,
      passedBytes: () => incoming.passedBytes,
      async discard() {
        await incoming.return().catch(() => undefined);
        letGo(content);
      },
    };
  } catch (error) {
    await discard();
    throw error;
  }
}

async function sourceOf(
  request: StoreFileRequest,
): Promise<{ readonly content: FileContent; readonly sizeBytes: number | undefined }> {
  const { content, path, signal } = request;
  if (path !== undefined) {
    if (content !== undefined) throw new TypeError("storeFile takes content or a path, not both");
    const files = new Files();
    const { sizeBytes } = await files.stat(path);
    return { content: files.fileSystem.read(path, { signal }), sizeBytes };
  }
  if (typeof content === "string") return { content, sizeBytes: Buffer.byteLength(content) };
  if (content instanceof Uint8Array) return { content, sizeBytes: content.length };
  if (typeof content !== "object" || content === null || !(Symbol.asyncIterator in content)) {
    throw new TypeError(
      `content must be a string, a Uint8Array or a stream, got ${content === null ? "null" : typeof content}`,
    );
  }
  return { content, sizeBytes: request.sizeBytes };
}

function checkSize(key: string, sizeBytes: number | undefined, { maxBytes }: IncomingPolicy): void {
  if (sizeBytes === undefined) return;
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) {
    throw new RangeError(`sizeBytes must be a whole number from 0, got ${String(sizeBytes)}`);
  }
  if (sizeBytes > maxBytes) throw tooLarge(key, maxBytes, "maxSize");
}

/** The type to keep the content as. */
function look(
  sample: Uint8Array,
  key: string,
  { contentType, path }: StoreFileRequest,
  { allowedTypes }: IncomingPolicy,
): string {
  for (const allowed of allowedTypes) checkType(sample, key, contentType, allowed);
  if (contentType !== undefined) return contentType;
  const { type, source } = contentTypeOf(sample, key);
  // a key without an extension, of a file that has one
  return source === "unknown" && path !== undefined ? contentTypeOf(sample, path).type : type;
}

/** The first chunks of a stream, as many as it takes to tell what it is. */
async function peek(chunks: AsyncGenerator<Uint8Array>): Promise<Uint8Array[]> {
  const seen: Uint8Array[] = [];
  let length = 0;
  while (length < contentTypeSampleBytes) {
    const { done, value } = await chunks.next();
    if (done) break;
    seen.push(value);
    length += value.length;
  }
  return seen;
}

function sampleOf(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  return bytes.subarray(0, contentTypeSampleBytes);
}

function otherSize(key: string, expected: number, passed: number, what: string): Error {
  return new SizeMismatchError(
    `the content of ${JSON.stringify(key)} is ${what}${passed} bytes, not the ${expected} of sizeBytes`,
    { publicMessage: "The content is not as long as was said." },
  );
}
