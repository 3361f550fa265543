import { createHash } from "node:crypto";

import { NotFoundError } from "@infra/errors";
import type { Cache, Duration, Storage } from "@infra/interfaces";

import { imageFormats, imageType, type ImageFormat } from "./image-format.js";
import type { ImageOperations } from "./image-operations.js";
import type { ProcessedImage } from "./processed-image.js";

/** Keeps what has been made, by a key that stands for the content and the operations. */
export interface DerivativeStore {
  get(key: string, signal: AbortSignal): Promise<ProcessedImage | undefined>;
  set(key: string, image: ProcessedImage, signal: AbortSignal): Promise<void>;
}

/** Changes when the same operations are to give another image. */
const recipe = 1;

/** The key of what comes of a content by operations: two that mean the same have the same. */
export function derivativeKey(contentHash: string, operations: ImageOperations): string {
  const { watermark, custom, ...plain } = operations;
  const words = {
    ...plain,
    ...(watermark && { watermark: { ...watermark, image: hashOf(watermark.image) } }),
    ...(custom && { custom: custom.name }),
  };
  return hashOf(`${recipe}\n${contentHash}\n${JSON.stringify(words, inOrder)}`);
}

/** SHA-256 in hex. */
export function hashOf(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Derivatives as files of a storage. */
export class StorageDerivatives implements DerivativeStore {
  readonly #storage: Storage;
  readonly #prefix: string;

  constructor(storage: Storage, prefix: string) {
    this.#storage = storage;
    this.#prefix = prefix;
  }

  async get(key: string, signal: AbortSignal): Promise<ProcessedImage | undefined> {
    const fileId = this.#fileId(key);
    try {
      const { metadata } = await this.#storage.getMetadata(fileId, { signal });
      const data = await this.#storage.getFileContent(fileId, { signal });
      return restore(data, metadata);
    } catch (error) {
      if (NotFoundError.is(error) || (error as { status?: unknown }).status === 404)
        return undefined;
      throw error;
    }
  }

  async set(key: string, image: ProcessedImage, signal: AbortSignal): Promise<void> {
    const { format, width, height, frames, quality } = image;
    const facts = { format, width, height, frames, ...(quality !== undefined && { quality }) };
    await this.#storage.storeFile({
      key: this.#fileId(key),
      content: image.data,
      contentType: image.contentType,
      cacheControl: "public, max-age=31536000, immutable",
      metadata: Object.fromEntries(
        Object.entries(facts).map(([name, value]) => [name, `${value}`]),
      ),
      signal,
    });
  }

  #fileId(key: string): string {
    return `${this.#prefix}/${key.slice(0, 2)}/${key}`;
  }
}

/** Derivatives as values of a cache. */
export class CacheDerivatives implements DerivativeStore {
  readonly #cache: Cache;
  readonly #ttl: Duration | undefined;

  constructor(cache: Cache, namespace: string, ttl: Duration | undefined) {
    this.#cache = cache.namespace(namespace);
    this.#ttl = ttl;
  }

  async get(key: string, signal: AbortSignal): Promise<ProcessedImage | undefined> {
    const kept = await this.#cache.get<Kept>(key, { signal });
    return kept && restore(Buffer.from(kept.data), kept.facts);
  }

  async set(key: string, image: ProcessedImage, signal: AbortSignal): Promise<void> {
    const { data, format, width, height, frames, quality } = image;
    const facts = { format, width, height, frames, quality };
    const options = { signal, ...(this.#ttl !== undefined && { ttl: this.#ttl }) };
    await this.#cache.set<Kept>(key, { data: Uint8Array.from(data), facts }, options);
  }
}

interface Kept {
  readonly data: Uint8Array;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** What was kept as an image again; nothing, when it is not what was kept. */
function restore(
  data: Buffer,
  facts: Readonly<Record<string, unknown>>,
): ProcessedImage | undefined {
  const format = facts["format"] as ImageFormat;
  const [width, height, frames] = ["width", "height", "frames"].map((name) => Number(facts[name]));
  if (!imageFormats.includes(format) || !(width! > 0 && height! > 0 && frames! > 0))
    return undefined;
  return {
    data,
    format,
    contentType: imageType(format),
    width: width!,
    height: height!,
    frames: frames!,
    sizeBytes: data.length,
    ...(facts["quality"] !== undefined && { quality: Number(facts["quality"]) }),
  };
}
