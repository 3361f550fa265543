import type { ImageFormat } from "./image-format.js";
import type { ResolvedImageLimits } from "./image-limits.js";
import type { SharpModule } from "./sharp-module.js";

/** What the work on one call's images stands on. */
export interface ImageContext {
  readonly sharp: SharpModule;
  readonly limits: ResolvedImageLimits;
  /** Runs what the image library does in threads of its own, when there is room for it. */
  readonly native: <T>(work: () => Promise<T>) => Promise<T>;
}

/** An image that has been made. */
export interface ProcessedImage {
  readonly data: Buffer;
  readonly format: ImageFormat;
  readonly contentType: string;
  /** Pixels, of one frame. */
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly sizeBytes: number;
  /** The quality that `targetSize` came to. */
  readonly quality?: number;
}
