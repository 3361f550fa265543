export { imageConfig } from "./config.js";
export type { ProcessedImage } from "./image/processed-image.js";
export type { ImageFormat, ImageInputFormat } from "./image/image-format.js";
export type { ImageInput } from "./image/image-input.js";
export type { ImageLimits } from "./image/image-limits.js";
export type {
  CustomOperation,
  ImageOperations,
  ImagePosition,
  ImageRegion,
  Watermark,
} from "./image/image-operations.js";
export type { ImageServiceOptions } from "./image/image-options.js";
export { imagePresets } from "./image/image-presets.js";
export { ImageService } from "./image/image-service.js";
export type { ImageCallOptions, ImageDependencies, ImageStats } from "./image/image-service.js";
export type { ImageMetadata } from "./image/image-metadata.js";
export type { Placeholder, PlaceholderOptions } from "./image/placeholder-options.js";
export type { ResponsiveOptions, ResponsiveSet } from "./image/responsive-set.js";
export { cleanSvg, type CleanedSvg, type CleanSvgOptions } from "./image/svg/clean-svg.js";
