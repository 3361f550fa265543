import { mapConcurrent, retry } from "@infra/promises";

import type { NewUpload, Photo, Upload } from "../../../src/contract.js";
import { uploads } from "../api/api.js";
import { ProblemError } from "../api/problem-error.js";
import { sendPart } from "./send-part.js";

interface SendFileOptions {
  readonly albumId: string;
  /** Of an earlier attempt: what is there already is not sent again. */
  readonly uploadId: string | undefined;
  readonly signal: AbortSignal;
  /** Told the id as soon as there is one, so that it can be kept. */
  readonly onBegin: (uploadId: string) => Promise<void>;
  /** Told how many bytes have arrived or are on their way. */
  readonly onProgress: (bytes: number) => void;
}

const partsAtOnce = 3;
const patience = { attempts: 6, backoff: { initial: "500ms", max: "10s" } } as const;

/** Sends a file in parts, several at once, each until it arrives, and has the photo made of it. */
export async function sendFile(file: File, options: SendFileOptions): Promise<Photo> {
  const { albumId, uploadId, signal, onBegin, onProgress } = options;
  const body = { albumId, name: file.name, size: file.size, type: file.type };
  const upload = await retry(() => open(uploadId, body), { ...patience, signal });
  await onBegin(upload.id);

  const bytesOf = (part: number): Blob =>
    file.slice(part * upload.partSize, (part + 1) * upload.partSize);
  const parts = Array.from({ length: Math.ceil(file.size / upload.partSize) }, (_, part) => part);
  const received = new Set(upload.received);
  const sent = parts.map((part) => (received.has(part) ? bytesOf(part).size : 0));
  const tell = (part: number, bytes: number): void => {
    // what is sent around the part is not counted
    sent[part] = Math.min(bytes, bytesOf(part).size);
    onProgress(sent.reduce((sum, each) => sum + each, 0));
  };

  await mapConcurrent(
    parts.filter((part) => !received.has(part)),
    (part, _, { signal: stopped }) =>
      retry(
        () =>
          sendPart(uploads.partUrl(upload.id, part), bytesOf(part), {
            signal: stopped,
            onProgress: (bytes) => tell(part, bytes),
          }),
        { ...patience, signal: stopped, onRetry: () => tell(part, 0) },
      ),
    { concurrency: partsAtOnce, signal },
  );
  return retry(() => uploads.complete(upload.id), { ...patience, signal });
}

async function open(uploadId: string | undefined, body: NewUpload): Promise<Upload> {
  if (uploadId === undefined) return uploads.create(body);
  try {
    return await uploads.read(uploadId);
  } catch (error) {
    // it lay for so long that the server threw it away
    if (error instanceof ProblemError && error.status === 404) return uploads.create(body);
    throw error;
  }
}
