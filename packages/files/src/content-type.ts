import { extname } from "node:path";

import mime from "mime";

import { signatureOf } from "./file-signatures.js";

/** What a file holds, and what says so. */
export interface ContentType {
  /** Such as `image/png`; `application/octet-stream` when nothing is known. Text has no charset. */
  readonly type: string;
  /** Whether the bytes say so, or only the name, or nobody. Only `content` is fit to decide what to let in. */
  readonly source: "content" | "extension" | "unknown";
}

/** How many bytes from the start of a file `contentTypeOf` wants to see. */
export const contentTypeSampleBytes = 4096;

/** The type that a file's name suggests; `undefined` for an unknown extension, or none. */
export function contentTypeOfName(name: string): string | undefined {
  // without an extension, the library would look up the whole name
  return (extname(name) && mime.getType(extname(name))) || undefined;
}

/**
 * The type of content, by its first bytes, and by the name where the bytes leave it open: which kind of text, of ZIP or of
 * Office file it is. A name that contradicts the bytes is not believed: an HTML page called `photo.png` is `text/html`.
 *
 * @param sample - the first `contentTypeSampleBytes` of the content, or all of it.
 */
export function contentTypeOf(sample: Uint8Array, name = ""): ContentType {
  const named = contentTypeOfName(name);
  const signature = signatureOf(sample);
  if (signature) {
    const refined = named !== undefined && signature.refinedBy?.test(named) === true;
    return { type: refined ? named : signature.type, source: "content" };
  }
  if (sample.length > 0 && isText(sample)) {
    if (named !== undefined && textTypes.test(named)) return { type: named, source: "extension" };
    return { type: "text/plain", source: "content" };
  }
  // bytes of no known kind: the name may be right, unless its kind would have been known by its bytes
  if (named !== undefined && !textTypes.test(named) && !recognised.test(named)) {
    return { type: named, source: "extension" };
  }
  if (sample.length === 0 && named !== undefined) return { type: named, source: "extension" };
  return { type: "application/octet-stream", source: "unknown" };
}

const textTypes =
  /^text\/|[/+](json|xml|yaml|toml|javascript|typescript|sql|graphql|x-sh|x-httpd-php|rtf|manifest\+json|ld\+json|x-ndjson|node)$/;

/** Types that show in the first bytes. */
const recognised =
  /^(image\/(png|jpeg|gif|webp|avif|heic|heif|bmp|tiff|x-icon|vnd\.microsoft\.icon|svg\+xml)|application\/(pdf|zip|gzip|wasm|vnd\.openxmlformats|vnd\.oasis|epub|java-archive|x-7z|x-rar|vnd\.rar|msword|vnd\.ms-)|audio\/(mpeg|wav|ogg|flac|mp4)|video\/(mp4|webm|quicktime|ogg|x-msvideo|x-matroska)|font\/(woff|woff2|otf|ttf))/;

/** Whether bytes are UTF-8 (or UTF-16 with its mark) without control characters that text does not have. */
function isText(sample: Uint8Array): boolean {
  const utf16 =
    (sample[0] === 0xff && sample[1] === 0xfe) || (sample[0] === 0xfe && sample[1] === 0xff);
  if (utf16) return true;
  for (const byte of sample) {
    if (
      byte < 0x20 &&
      byte !== 0x09 &&
      byte !== 0x0a &&
      byte !== 0x0c &&
      byte !== 0x0d &&
      byte !== 0x1b
    )
      return false;
  }
  try {
    // a character that the end of the sample cuts in two is no mistake
    new TextDecoder("utf-8", { fatal: true }).decode(sample, {
      stream: sample.length >= contentTypeSampleBytes,
    });
    return true;
  } catch {
    return false;
  }
}
