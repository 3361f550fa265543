import { CorruptInputError, UnsupportedFormatError } from "../errors.js";
import { limitError } from "../limit-error.js";
import { imageType, sniffImage } from "./image-format.js";
import { checkPixels, type ResolvedImageLimits } from "./image-limits.js";
import type { ImageMetadata } from "./image-metadata.js";
import type { SharpModule } from "./sharp-module.js";
import { cleanSvg } from "./svg/clean-svg.js";
import { unsafeSvg } from "./svg/unsafe-svg.js";

/** An image that has been let in. */
export interface SourceImage {
  /** What the image library is given; of an SVG what is left of it. */
  readonly bytes: Buffer;
  readonly metadata: ImageMetadata;
}

/** What inspecting stands on. */
export interface InspectContext {
  /** What is not let in costs no loading. */
  readonly load: () => Promise<SharpModule>;
  readonly limits: ResolvedImageLimits;
  readonly native: <T>(work: () => Promise<T>) => Promise<T>;
}

/**
 * Reads what an image says of itself, and holds it against the limits. Nothing is decoded.
 *
 * @throws UnsupportedFormatError, LimitExceededError, UnsafeSvgError, CorruptInputError
 */
export async function inspectImage(
  { load, limits, native }: InspectContext,
  given: Buffer,
): Promise<SourceImage> {
  const { format, type } = sniffImage(given);
  const refused = format === "svg" && limits.svg === "refuse";
  if (format === undefined || !limits.formats.includes(format) || refused) {
    throw new UnsupportedFormatError(
      `the content is ${type}, which is none of the formats that are read: ${limits.formats.join(", ")}`,
      { details: { type, allowed: limits.formats } },
    );
  }
  const bytes = format === "svg" ? await safeSvg(given, limits) : given;
  const sharp = await load();
  const header = sharp(bytes, {
    // compared below, where the error can say what there was
    limitInputPixels: false,
    failOn: limits.failOn,
  });
  const found = await native(() => header.metadata());
  if (formatOf(found.format, found.compression) !== format) {
    throw new CorruptInputError(`the image begins as ${format}, and is ${found.format}`);
  }
  const { orientation = 1, pages: frames = 1 } = found;
  const turned = orientation >= 5;
  const size = turned
    ? { width: found.height, height: found.width }
    : { width: found.width, height: found.height };
  // of a file with several pages, each with a size of its own, only the first is decoded
  const moves = format === "gif" || format === "webp";
  checkPixels({ ...size, frames, decodedFrames: moves ? frames : 1 }, limits);
  const metadata: ImageMetadata = {
    format,
    contentType: imageType(format),
    sizeBytes: given.length,
    ...size,
    frames,
    hasAlpha: found.hasAlpha,
    orientation,
    colourSpace: found.space,
    ...(found.density !== undefined && { density: found.density }),
    ...(found.loop !== undefined && { loop: found.loop }),
    ...(found.delay !== undefined && { delaysMs: found.delay }),
    ...(found.exif && { exif: found.exif }),
    ...(found.icc && { icc: found.icc }),
    ...(found.xmp && { xmp: found.xmp }),
    ...(found.iptc && { iptc: found.iptc }),
  };
  return { bytes, metadata };
}

async function safeSvg(given: Buffer, limits: ResolvedImageLimits): Promise<Buffer> {
  if (given.length > limits.maxSvgBytes) {
    throw limitError({
      what: "the SVG",
      limit: "maxSvgSize",
      allowed: limits.maxSvgBytes,
      found: given.length,
    });
  }
  const { svg, unsafe } = await cleanSvg(given, { maxElements: limits.maxSvgElements });
  if (unsafe.length > 0 && limits.svg === "strict") throw unsafeSvg(unsafe);
  return Buffer.from(svg);
}

/** AVIF comes as `heif`, with the compression that makes it one. */
function formatOf(format: string, compression: string | undefined): string {
  return format === "heif" && compression === "av1" ? "avif" : format;
}
