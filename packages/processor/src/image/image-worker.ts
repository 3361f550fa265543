import { setMaxListeners } from "node:events";

import { PeerMissingError } from "@infra/errors";
import { abortable, Semaphore } from "@infra/promises";

import { dominantColour } from "./image-colour.js";
import type { ImageContext } from "./image-context.js";
import { imageError } from "./image-errors.js";
import type { ResolvedImageLimits } from "./image-limits.js";
import type { ImageMetadata } from "./image-metadata.js";
import type { ImageOperations } from "./image-operations.js";
import { inspectImage, type SourceImage } from "./inspect-image.js";
import { makeImages } from "./make-images.js";
import type { Placeholder } from "./placeholder-options.js";
import { makePlaceholder } from "./placeholder.js";
import type { ProcessedImage } from "./processed-image.js";
import { loadSharp, type SharpModule } from "./sharp-module.js";
import { loadSaxes } from "./svg/load-saxes.js";

/** Where the work on images is done: in this process, or in one of its own. */
export interface ImageWorker {
  /** Gets ready. @throws PeerMissingError */
  start(signal: AbortSignal | undefined): Promise<void>;
  inspect(bytes: Buffer, signal: AbortSignal): Promise<ImageMetadata>;
  make(
    bytes: Buffer,
    list: readonly ImageOperations[],
    signal: AbortSignal,
  ): Promise<ProcessedImage[]>;
  placeholder(bytes: Buffer, kind: "lqip" | "blurhash", signal: AbortSignal): Promise<Placeholder>;
  colour(bytes: Buffer, signal: AbortSignal): Promise<string>;
  stop(): Promise<void>;
}

/** What holds for the image library as a whole, in all of the process. */
export interface LibraryOptions {
  /** How many of its threads are taken at once. */
  readonly concurrency: number;
  /** Threads that work on one image; left as it is when not given. */
  readonly threads: number | undefined;
  /** Whether it keeps what it has decoded. */
  readonly cache: boolean;
}

/** The work on images in this process. */
export class LocalImageWorker implements ImageWorker {
  readonly #limits: ResolvedImageLimits;
  readonly #options: LibraryOptions;
  /** Memory that was freed by many threads at once is not given back by glibc: few at a time keep it low. */
  readonly #threads: Semaphore;
  #sharp: Promise<SharpModule> | undefined;

  constructor(limits: ResolvedImageLimits, options: LibraryOptions) {
    this.#limits = limits;
    this.#options = options;
    this.#threads = new Semaphore({ permits: options.concurrency });
  }

  async start(): Promise<void> {
    await this.#load();
    const { svg, formats } = this.#limits;
    if (svg === "refuse" || !formats.includes("svg")) return;
    // so that the first one is not slower than the rest; who has no SVG need not have it
    await loadSaxes().catch((error: unknown) => {
      if (!PeerMissingError.is(error)) throw error;
    });
  }

  async inspect(bytes: Buffer, signal: AbortSignal): Promise<ImageMetadata> {
    return (await this.#admit(bytes, signal)).metadata;
  }

  async make(
    bytes: Buffer,
    list: readonly ImageOperations[],
    signal: AbortSignal,
  ): Promise<ProcessedImage[]> {
    const source = await this.#admit(bytes, signal);
    return makeImages(await this.#context(signal), source, list);
  }

  async placeholder(
    bytes: Buffer,
    kind: "lqip" | "blurhash",
    signal: AbortSignal,
  ): Promise<Placeholder> {
    const source = await this.#admit(bytes, signal);
    return makePlaceholder(await this.#context(signal), source, kind);
  }

  async colour(bytes: Buffer, signal: AbortSignal): Promise<string> {
    const source = await this.#admit(bytes, signal);
    return dominantColour(await this.#context(signal), source);
  }

  async stop(): Promise<void> {}

  async #admit(bytes: Buffer, signal: AbortSignal): Promise<SourceImage> {
    const native = this.#nativeFor(signal);
    return inspectImage({ load: () => this.#load(), limits: this.#limits, native }, bytes);
  }

  async #context(signal: AbortSignal): Promise<ImageContext> {
    const native = this.#nativeFor(signal);
    return { sharp: await this.#load(), limits: this.#limits, native };
  }

  #nativeFor(signal: AbortSignal): ImageContext["native"] {
    // as many wait for it as there are images: that is no leak
    setMaxListeners(0, signal);
    return (work) => this.#native(work, signal);
  }

  /** What is under way can't be called back: it holds its place until it has ended, whoever still waits for it. */
  async #native<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const { release } = await this.#threads.acquire({ signal });
    const result = (async () => work())();
    result.then(release, release);
    try {
      return await abortable(result, { signal });
    } catch (error) {
      throw imageError(error, this.#limits);
    }
  }

  #load(): Promise<SharpModule> {
    return (this.#sharp ??= this.#loadOnce().catch((error: unknown) => {
      this.#sharp = undefined;
      throw error;
    }));
  }

  async #loadOnce(): Promise<SharpModule> {
    const sharp = await loadSharp();
    const { threads, cache } = this.#options;
    if (threads !== undefined) sharp.concurrency(threads);
    if (!cache) sharp.cache(false);
    return sharp;
  }
}
