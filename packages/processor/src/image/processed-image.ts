import type { ImageFormat } from "./image-format.js";

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
