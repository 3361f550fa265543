// What runs in the process of an image sandbox: the same work, on bytes that were copied there.
import type { ResolvedImageLimits } from "./image/image-limits.js";
import type { ImageMetadata } from "./image/image-metadata.js";
import type { ImageOperations } from "./image/image-operations.js";
import { LocalImageWorker, type LibraryOptions } from "./image/image-worker.js";
import type { Placeholder } from "./image/placeholder-options.js";
import type { ProcessedImage } from "./image/processed-image.js";

let worker: LocalImageWorker | undefined;
const never = new AbortController().signal;

export async function prepare(limits: ResolvedImageLimits, options: LibraryOptions): Promise<void> {
  await ready(limits, options).start();
}

export async function inspect(
  limits: ResolvedImageLimits,
  options: LibraryOptions,
  bytes: Uint8Array,
): Promise<ImageMetadata> {
  return ready(limits, options).inspect(Buffer.from(bytes), never);
}

export async function make(
  limits: ResolvedImageLimits,
  options: LibraryOptions,
  bytes: Uint8Array,
  list: readonly ImageOperations[],
): Promise<ProcessedImage[]> {
  return ready(limits, options).make(Buffer.from(bytes), list, never);
}

export async function placeholder(
  limits: ResolvedImageLimits,
  options: LibraryOptions,
  bytes: Uint8Array,
  kind: "lqip" | "blurhash",
): Promise<Placeholder> {
  return ready(limits, options).placeholder(Buffer.from(bytes), kind, never);
}

export async function colour(
  limits: ResolvedImageLimits,
  options: LibraryOptions,
  bytes: Uint8Array,
): Promise<string> {
  return ready(limits, options).colour(Buffer.from(bytes), never);
}

function ready(limits: ResolvedImageLimits, options: LibraryOptions): LocalImageWorker {
  return (worker ??= new LocalImageWorker(limits, options));
}
