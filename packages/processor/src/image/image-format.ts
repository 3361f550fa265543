import { contentTypeOf, contentTypeSampleBytes } from "@infra/files/content-type";

/** What an image can be made into. */
export type ImageFormat = "jpeg" | "png" | "webp" | "avif" | "gif" | "tiff";

/** What an image can come as. */
export type ImageInputFormat = ImageFormat | "svg";

export const imageFormats = ["jpeg", "png", "webp", "avif", "gif", "tiff"] as const;
export const imageInputFormats = [...imageFormats, "svg"] as const;

const types: Readonly<Record<ImageInputFormat, string>> = {
  jpeg: "image/jpeg",
  png: "image/png",
  webp: "image/webp",
  avif: "image/avif",
  gif: "image/gif",
  tiff: "image/tiff",
  svg: "image/svg+xml",
};

/** The media type of a format. */
export function imageType(format: ImageInputFormat): string {
  return types[format];
}

/** What content is by its first bytes; without a `format` when it is no image that can be read. */
export function sniffImage(bytes: Uint8Array): {
  readonly format: ImageInputFormat | undefined;
  readonly type: string;
} {
  const { type } = contentTypeOf(bytes.subarray(0, contentTypeSampleBytes));
  return { format: imageInputFormats.find((format) => types[format] === type), type };
}
