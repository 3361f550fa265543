import type {
  CreateMultipartUploadCommandInput,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import type { StoreFileOptions } from "@infra/interfaces";

import { ContentDigest } from "../content-digest.js";
import { fillParts, type Part } from "./fill-parts.js";
import { uploadInParts, type MultipartUpload, type UploadPart } from "./multipart-upload.js";
import { withoutBodyHash } from "./s3-client.js";

const mostParts = 10_000;

/** What {@link storeObject} needs. */
interface ObjectUpload extends Omit<MultipartUpload, "create" | "complete"> {
  readonly partBytes: number;
  readonly checksums: boolean;
  readonly object: CreateMultipartUploadCommandInput;
  /** On what condition it is put in place. */
  readonly condition: { readonly IfNoneMatch?: string };
}

/** Stores content: by one request when it is no longer than a part, also when it is empty; else in parts. */
export async function storeObject(
  upload: ObjectUpload,
  content: AsyncIterable<Uint8Array>,
  options: Pick<StoreFileOptions, "sha256" | "sizeBytes" | "onProgress">,
): Promise<void> {
  const { s3, client, object, condition, checksums, signal } = upload;
  const { sizeBytes, onProgress } = options;
  const digest =
    options.sha256 === undefined ? undefined : new ContentDigest(options.sha256.toLowerCase());
  const observed = digest ? observe(content, digest) : content;
  const partBytes = partBytesFor(upload.partBytes, sizeBytes);
  const parts = fillParts(observed, partBytes);
  const first = (await parts.next()).value as Part;
  const second = first.bytes.length < partBytes ? undefined : await parts.next();
  let storedBytes = 0;
  const stored = ({ bytes }: Part): void => {
    storedBytes += bytes.length;
    onProgress?.({ storedBytes, totalBytes: sizeBytes });
  };
  const lighter = <C extends PutObjectCommand | UploadPartCommand>(command: C): C =>
    checksums ? withoutBodyHash(command) : command;
  try {
    if (!second || second.done) {
      digest?.check();
      const command = new s3.PutObjectCommand({ ...object, ...condition, Body: first.bytes });
      await client.send(lighter(command), { abortSignal: signal });
      stored(first);
      return;
    }
    const uploadPart =
      (part: Part): UploadPart =>
      async (UploadId, PartNumber, abortSignal) => {
        const { Bucket, Key } = object;
        const command = new s3.UploadPartCommand({
          Bucket,
          Key,
          UploadId,
          PartNumber,
          Body: part.bytes,
          ...(checksums && { ChecksumAlgorithm: "CRC32" }),
        });
        const { ETag, ChecksumCRC32 } = await client.send(lighter(command), { abortSignal });
        stored(part);
        part.release();
        return { PartNumber, ETag, ...(checksums && ChecksumCRC32 && { ChecksumCRC32 }) };
      };
    const works = (async function* (): AsyncGenerator<UploadPart> {
      yield uploadPart(first);
      yield uploadPart(second.value);
      for await (const part of parts) yield uploadPart(part);
      digest?.check();
    })();
    // with the type FULL_OBJECT, S3 keeps the checksum of the whole, which a GET is held against
    const kind = checksums
      ? ({ ChecksumAlgorithm: "CRC32", ChecksumType: "FULL_OBJECT" } as const)
      : {};
    const complete = { ...condition, ...(checksums && { ChecksumType: "FULL_OBJECT" as const }) };
    await uploadInParts({ ...upload, create: { ...object, ...kind }, complete }, works);
  } finally {
    // lets go of the content, wherever it stopped
    await parts.return(undefined);
  }
}

/** The size of all parts but the last: no object has more than 10,000. */
export function partBytesFor(partBytes: number, sizeBytes = 0): number {
  return Math.max(partBytes, Math.ceil(sizeBytes / mostParts));
}

async function* observe(
  content: AsyncIterable<Uint8Array>,
  digest: ContentDigest,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    digest.update(chunk);
    yield chunk;
  }
}
