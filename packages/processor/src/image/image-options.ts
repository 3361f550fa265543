import { availableParallelism } from "node:os";

import { toBytes, type ByteSize, type Duration } from "@infra/interfaces";

import { checkNumber, checkWord } from "../check-argument.js";
import { resolveLimits, type ImageLimits, type ResolvedImageLimits } from "./image-limits.js";
import { resolveOperations, type ImageOperations } from "./image-operations.js";
import { imagePresets } from "./image-presets.js";
import type { LibraryOptions } from "./image-worker.js";

/** Options of {@link ImageService}. */
export interface ImageServiceOptions extends ImageLimits {
  /**
   * How many calls, and how many threads of sharp, are at work at once. Those threads are the four with which Node.js also
   * reads files and looks up hosts, so one is left free. @default the processors, at most 3
   */
  readonly concurrency?: number;
  /** How many calls may wait for their turn; one more is refused. @default 1000 */
  readonly maxWaiting?: number;
  /** Operations by name, over {@link imagePresets}. */
  readonly presets?: Readonly<Record<string, ImageOperations>>;
  /** Where what has been made is kept: nowhere, in the `storage`, or in the `cache` that the service is given. @default "none" */
  readonly derivatives?: "none" | "storage" | "cache";
  /** What their keys begin with. @default "derivatives" */
  readonly derivativesPrefix?: string;
  /** How long the cache keeps them. @default the cache's own */
  readonly derivativesTtl?: Duration;
  /** Whether the work is done in processes of its own, which can be killed: see `Sandbox`. @default false */
  readonly sandbox?: boolean;
  /** What one of them may hold in memory. @default "1gb" */
  readonly sandboxMemory?: ByteSize;
  /** Flags for Node.js in those processes. @default those of this process */
  readonly sandboxExecArgv?: readonly string[];
  /** How many threads sharp uses for one image; in all of the process. @default sharp's own */
  readonly threads?: number;
  /** Whether sharp keeps what it has decoded, for the same file again; in all of the process. @default false */
  readonly libraryCache?: boolean;
}

/** The options with every default filled in. */
export interface ResolvedImageOptions {
  readonly limits: ResolvedImageLimits;
  readonly library: LibraryOptions;
  readonly maxWaiting: number;
  readonly presets: Readonly<Record<string, ImageOperations>>;
  readonly derivatives: "none" | "storage" | "cache";
  readonly derivativesPrefix: string;
  readonly derivativesTtl: Duration | undefined;
  readonly sandbox: boolean;
  readonly sandboxMemoryBytes: number;
  readonly sandboxExecArgv: readonly string[] | undefined;
}

/** Fills in the defaults. @throws RangeError or TypeError naming the option that can't be */
export function resolveImageOptions(options: ImageServiceOptions): ResolvedImageOptions {
  const { concurrency = Math.min(3, availableParallelism()), threads, presets = {} } = options;
  for (const preset of Object.values(presets)) resolveOperations(preset, imagePresets);
  if (threads !== undefined) checkNumber(threads, "threads", { least: 0, most: 1024 });
  return {
    limits: resolveLimits(options),
    library: {
      concurrency: checkNumber(concurrency, "concurrency", { least: 1, most: 1024 }),
      threads,
      cache: options.libraryCache ?? false,
    },
    maxWaiting: checkNumber(options.maxWaiting ?? 1000, "maxWaiting", { least: 0 }),
    presets: { ...imagePresets, ...presets },
    derivatives: checkWord(options.derivatives ?? "none", "derivatives", [
      "none",
      "storage",
      "cache",
    ]),
    derivativesPrefix: options.derivativesPrefix ?? "derivatives",
    derivativesTtl: options.derivativesTtl,
    sandbox: options.sandbox ?? false,
    sandboxMemoryBytes: toBytes(options.sandboxMemory ?? "1gb", "sandboxMemory"),
    sandboxExecArgv: options.sandboxExecArgv,
  };
}
