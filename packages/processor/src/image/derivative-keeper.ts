import type { Cache, Logger, Storage } from "@infra/interfaces";
import { SingleFlight } from "@infra/promises";

import {
  CacheDerivatives,
  derivativeKey,
  hashOf,
  StorageDerivatives,
  type DerivativeStore,
} from "./derivatives.js";
import type { ImageOperations } from "./image-operations.js";
import type { ResolvedImageOptions } from "./image-options.js";
import type { ProcessedImage } from "./processed-image.js";

/** Makes images by a list of operations. */
export type MakeImages = (
  bytes: Buffer,
  list: readonly ImageOperations[],
  signal: AbortSignal,
) => Promise<ProcessedImage[]>;

/** Makes what is not there yet, and keeps it; of calls for the same at the same time one makes it. */
export class DerivativeKeeper {
  readonly #store: DerivativeStore;
  readonly #makeImages: MakeImages;
  readonly #logger: Logger;
  readonly #flights = new SingleFlight<string, ProcessedImage[]>();
  /** Images that were there already, and that had to be made. */
  hits = 0;
  misses = 0;

  constructor(store: DerivativeStore, makeImages: MakeImages, logger: Logger) {
    this.#store = store;
    this.#makeImages = makeImages;
    this.#logger = logger;
  }

  /** Images by a list of operations, of which those that are kept are not made. */
  async make(
    bytes: Buffer,
    list: readonly ImageOperations[],
    signal: AbortSignal,
  ): Promise<ProcessedImage[]> {
    const content = hashOf(bytes);
    const keys = list.map((operations) => derivativeKey(content, operations));
    const found = await Promise.all(keys.map((key) => this.#kept(key, signal)));
    const missing = list.flatMap((operations, at) =>
      found[at] ? [] : [{ operations, key: keys[at]!, at }],
    );
    this.hits += list.length - missing.length;
    this.misses += missing.length;
    if (missing.length === 0) return found as ProcessedImage[];
    const flight = missing.map(({ key }) => key).join();
    const made = await this.#flights.run(
      flight,
      async (context) => {
        const wanted = missing.map(({ operations }) => operations);
        const images = await this.#makeImages(bytes, wanted, context.signal);
        await Promise.all(
          images.map((image, at) => this.#keep(missing[at]!.key, image, context.signal)),
        );
        return images;
      },
      { signal },
    );
    for (const [at, image] of made.entries()) found[missing[at]!.at] = image;
    return found as ProcessedImage[];
  }

  /** A store that fails costs time, not the image. */
  async #kept(key: string, signal: AbortSignal): Promise<ProcessedImage | undefined> {
    try {
      return await this.#store.get(key, signal);
    } catch (error) {
      signal.throwIfAborted();
      this.#logger.warn("a derivative could not be read, and is made anew", { key, error });
      return undefined;
    }
  }

  async #keep(key: string, image: ProcessedImage, signal: AbortSignal): Promise<void> {
    try {
      await this.#store.set(key, image, signal);
    } catch (error) {
      signal.throwIfAborted();
      this.#logger.warn("a derivative could not be kept", { key, error });
    }
  }
}

/**
 * Where derivatives are kept by the options.
 *
 * @throws TypeError when that is something the service was not given
 */
export function derivativeStore(
  { derivatives, derivativesPrefix, derivativesTtl }: ResolvedImageOptions,
  {
    storage,
    cache,
  }: { readonly storage?: Storage | undefined; readonly cache?: Cache | undefined },
): DerivativeStore | undefined {
  if (derivatives === "none") return undefined;
  if (derivatives === "storage" && storage)
    return new StorageDerivatives(storage, derivativesPrefix);
  if (derivatives === "cache" && cache) {
    return new CacheDerivatives(cache, derivativesPrefix, derivativesTtl);
  }
  throw new TypeError(`derivatives: "${derivatives}" needs { ${derivatives} } beside the options`);
}
