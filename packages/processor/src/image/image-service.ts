import {
  optional,
  section,
  silentLogger,
  systemClock,
  token,
  tokens,
  type Cache,
  type Clock,
  type HealthReport,
  type Inject,
  type Logger,
  type Managed,
  type StartContext,
  type StopContext,
  type Storage,
  type Token,
} from "@infra/interfaces";
import { withTimeout } from "@infra/promises";

import { imageConfig } from "../config.js";
import { ProcessingTimeoutError } from "../errors.js";
import { SandboxedImageWorker } from "../sandboxed-image-worker.js";
import { WorkSlots } from "../work-slots.js";
import { DerivativeKeeper, derivativeStore, type MakeImages } from "./derivative-keeper.js";
import { readInput, type ImageInput } from "./image-input.js";
import type { ImageMetadata } from "./image-metadata.js";
import { resolveOperations, type ImageOperations } from "./image-operations.js";
import {
  resolveImageOptions,
  type ImageServiceOptions,
  type ResolvedImageOptions,
} from "./image-options.js";
import { LocalImageWorker, type ImageWorker } from "./image-worker.js";
import type { Placeholder, PlaceholderOptions } from "./placeholder-options.js";
import type { ProcessedImage } from "./processed-image.js";
import {
  responsiveOperations,
  responsiveSet,
  type ResponsiveOptions,
  type ResponsiveSet,
} from "./responsive-set.js";

/** Collaborators of {@link ImageService}. */
export interface ImageDependencies {
  /** Keeps derivatives, with `derivatives: "storage"`. */
  readonly storage?: Storage | undefined;
  /** Keeps derivatives, with `derivatives: "cache"`. */
  readonly cache?: Cache | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

/** Options of every call that have no other. */
export interface ImageCallOptions {
  /** Ends the call at once. What sharp is doing goes on, and holds its place, unless it is in a sandbox. */
  readonly signal?: AbortSignal | undefined;
}

/** What {@link ImageService.stats} says. */
export interface ImageStats {
  /** Calls at work, and calls that wait for their turn. */
  readonly active: number;
  readonly waiting: number;
  readonly done: number;
  readonly failed: number;
  /** Images that were there already, and that had to be made. */
  readonly derivativeHits: number;
  readonly derivativeMisses: number;
}

/**
 * Images, on sharp: what comes in is judged by its first bytes and held against limits before anything is decoded.
 *
 * Every call rejects with UnsupportedFormatError, LimitExceededError, UnsafeSvgError, CorruptInputError,
 * ProcessingTimeoutError, BusyError, StoppedError (their codes are `ERR_PROCESSOR_…`), with PeerMissingError
 * (`ERR_PEER_MISSING`), or with the signal's reason.
 *
 * @throws RangeError or TypeError from the constructor when an option can't be.
 */
export class ImageService implements Managed {
  static readonly provides: Token<ImageService> = token<ImageService>("images");
  static readonly inject: Inject<typeof ImageService> = {
    options: section(imageConfig),
    storage: optional(tokens.storage),
    cache: optional(tokens.cache),
    logger: optional(tokens.logger),
    clock: optional(tokens.clock),
  };

  readonly #options: ResolvedImageOptions;
  readonly #slots: WorkSlots;
  readonly #worker: ImageWorker;
  readonly #derivatives: DerivativeKeeper | undefined;
  readonly #make: MakeImages;
  readonly #clock: Clock;

  constructor(options: ImageServiceOptions = {}, deps: ImageDependencies = {}) {
    const resolved = resolveImageOptions(options);
    const { limits, library } = resolved;
    this.#options = resolved;
    this.#clock = deps.clock ?? systemClock;
    this.#slots = new WorkSlots("ImageService", library.concurrency, resolved.maxWaiting);
    const store = derivativeStore(resolved, deps);
    this.#worker = resolved.sandbox
      ? new SandboxedImageWorker(
          limits,
          { ...library, concurrency: 1 },
          {
            memory: resolved.sandboxMemoryBytes,
            concurrency: library.concurrency,
            ...(resolved.sandboxExecArgv && { execArgv: resolved.sandboxExecArgv }),
          },
        )
      : new LocalImageWorker(limits, library);
    const logger = (deps.logger ?? silentLogger).child({ category: "images" });
    const make: MakeImages = (...call) => this.#worker.make(...call);
    const keeper = store && new DerivativeKeeper(store, make, logger);
    this.#derivatives = keeper;
    this.#make = keeper ? (...call) => keeper.make(...call) : make;
  }

  /** Loads sharp; the first use does it too. @throws PeerMissingError */
  async start(context: StartContext = {}): Promise<void> {
    await this.#worker.start(context.signal);
  }

  /** What an image says of itself, without decoding it. */
  async metadata(input: ImageInput, options: ImageCallOptions = {}): Promise<ImageMetadata> {
    return this.#work(input, options, (bytes, signal) => this.#worker.inspect(bytes, signal));
  }

  /** Makes an image of another. @throws TargetSizeError (`ERR_PROCESSOR_TARGET_SIZE`) */
  async process(
    input: ImageInput,
    operations: ImageOperations,
    options: ImageCallOptions = {},
  ): Promise<ProcessedImage> {
    const [image] = await this.processMany(input, [operations], options);
    return image!;
  }

  /** Makes several images of one, in the order of the operations; it is decoded once for all of them where it can be. */
  async processMany(
    input: ImageInput,
    list: readonly ImageOperations[],
    options: ImageCallOptions = {},
  ): Promise<ProcessedImage[]> {
    const resolved = list.map((each) => resolveOperations(each, this.#options.presets));
    return this.#work(input, options, (bytes, signal) => this.#make(bytes, resolved, signal));
  }

  /** An image within a square of `size` pixels, 320 by default; by the preset `thumbnail`. */
  async thumbnail(
    input: ImageInput,
    options: Omit<ImageOperations, "preset" | "width" | "height"> & {
      readonly size?: number;
    } & ImageCallOptions = {},
  ): Promise<ProcessedImage> {
    const { size = 320, signal, ...operations } = options;
    const sized = { ...operations, preset: "thumbnail", width: size, height: size };
    return this.process(input, sized, { signal });
  }

  /** An image in several widths and formats, for `srcset` and `<picture>`. */
  async responsive(input: ImageInput, options: ResponsiveOptions = {}): Promise<ResponsiveSet> {
    const { presets } = this.#options;
    return this.#work(input, options, async (bytes, signal) => {
      const metadata = await this.#worker.inspect(bytes, signal);
      const list = responsiveOperations(metadata, options).map((each) =>
        resolveOperations(each, presets),
      );
      return responsiveSet(await this.#make(bytes, list, signal));
    });
  }

  /** Something to show until the image is there. @throws PeerMissingError for `blurhash` without that package */
  async placeholder(input: ImageInput, options: PlaceholderOptions = {}): Promise<Placeholder> {
    const { kind = "lqip" } = options;
    return this.#work(input, options, (bytes, signal) =>
      this.#worker.placeholder(bytes, kind, signal),
    );
  }

  /** The colour that most of the image has: `#rrggbb`. */
  async dominantColour(input: ImageInput, options: ImageCallOptions = {}): Promise<string> {
    return this.#work(input, options, (bytes, signal) => this.#worker.colour(bytes, signal));
  }

  stats(): ImageStats {
    const { active, waiting, done, failed } = this.#slots;
    const { hits: derivativeHits = 0, misses: derivativeMisses = 0 } = this.#derivatives ?? {};
    return { active, waiting, done, failed, derivativeHits, derivativeMisses };
  }

  async health(): Promise<HealthReport> {
    if (this.#slots.stopped) return { status: "down", message: "the images have been stopped" };
    const { active, waiting } = this.#slots;
    return { status: "up", details: { active, waiting } };
  }

  /** Takes no more calls, waits for those under way until the signal aborts, then gives them up. */
  async stop(context: StopContext = {}): Promise<void> {
    await this.#slots.stop(context.signal);
    await this.#worker.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #work<T>(
    input: ImageInput,
    { signal: given }: ImageCallOptions,
    work: (bytes: Buffer, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { timeoutMs, maxInputBytes } = this.#options.limits;
    return this.#slots.run(given, async (signal) => {
      using slot = await this.#slots.acquire(signal);
      void slot;
      // awaited here, or the slot would be given back at once
      return await withTimeout(
        async (context) =>
          work(await readInput(input, maxInputBytes, context.signal), context.signal),
        { timeout: timeoutMs, signal, clock: this.#clock, error: timedOut },
      );
    });
  }
}

function timedOut(timeoutMs: number): Error {
  return new ProcessingTimeoutError(`the image took longer than ${timeoutMs} ms (timeout)`, {
    details: { timeoutMs },
  });
}
