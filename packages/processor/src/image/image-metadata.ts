import type { ImageInputFormat } from "./image-format.js";

/** What an image says of itself. */
export interface ImageMetadata {
  readonly format: ImageInputFormat;
  readonly contentType: string;
  readonly sizeBytes: number;
  /** Pixels, of one frame, when it is upright. */
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly hasAlpha: boolean;
  /** As it is in Exif, 1 to 8; the sizes have been turned by it already. */
  readonly orientation: number;
  /** `srgb`, `cmyk`, `b-w`, … */
  readonly colourSpace: string;
  /** Dots per inch. */
  readonly density?: number;
  /** How often an animation runs; 0 for ever. */
  readonly loop?: number;
  /** How long each frame stands, in milliseconds. */
  readonly delaysMs?: readonly number[];
  /** As they stand in the image, unread. */
  readonly exif?: Uint8Array;
  readonly icc?: Uint8Array;
  readonly xmp?: Uint8Array;
  readonly iptc?: Uint8Array;
}
