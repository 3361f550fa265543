/** How a kind of file begins. */
export interface FileSignature {
  readonly type: string;
  /** Types that begin alike; a name that says one of them is believed. */
  readonly refinedBy?: RegExp;
}

interface Rule extends FileSignature {
  /** What stands where: offset and bytes as text, one character a byte. */
  readonly parts: readonly (readonly [offset: number, bytes: string])[];
  /** What else has to hold, where the bytes alone would also fit something else. */
  readonly also?: (bytes: Uint8Array) => boolean;
}

const zipTypes =
  /^application\/(vnd\.(openxmlformats-officedocument|oasis\.opendocument|ms-|android|apple\.)|epub\+zip|java-archive|zip|x-xpinstall)/;

const at0 = (type: string, bytes: string, more: Partial<Rule> = {}): Rule => ({
  type,
  parts: [[0, bytes]],
  ...more,
});
const riff = (type: string, form: string): Rule => ({
  type,
  parts: [
    [0, "RIFF"],
    [8, form],
  ],
});
const box = (type: string, brand: string): Rule => ({ type, parts: [[4, `ftyp${brand}`]] });
const ebml = (type: string, name: string): Rule => ({
  type,
  parts: [[0, "\x1aE\xdf\xa3"]],
  also: (bytes) => Buffer.from(bytes.subarray(0, 64)).includes(name),
});

// the first that fits; the longer before the shorter
const rules: readonly Rule[] = [
  at0("image/png", "\x89PNG\r\n\x1a\n"),
  at0("image/jpeg", "\xff\xd8\xff"),
  at0("image/gif", "GIF87a"),
  at0("image/gif", "GIF89a"),
  riff("image/webp", "WEBP"),
  riff("audio/wav", "WAVE"),
  riff("video/x-msvideo", "AVI "),
  box("image/avif", "avif"),
  box("image/avif", "avis"),
  box("image/heic", "heic"),
  box("image/heic", "heix"),
  box("image/heif", "mif1"),
  box("image/heif", "msf1"),
  box("video/quicktime", "qt  "),
  box("audio/mp4", "M4A "),
  box("video/mp4", ""),
  ebml("video/webm", "webm"),
  ebml("video/x-matroska", "matroska"),
  at0("image/tiff", "II*\0"),
  at0("image/tiff", "MM\0*"),
  // "BM" also begins words: the four reserved bytes are zero, and the header's length is one of a few
  at0("image/bmp", "BM", {
    also: (bytes) =>
      bytes.length >= 18 &&
      isZero(bytes, 6, 10) &&
      [12, 40, 52, 56, 64, 108, 124].includes(bytes[14]!),
  }),
  at0("image/x-icon", "\0\0\x01\0", { also: (bytes) => bytes[4] !== 0 && bytes[5] === 0 }),
  at0("image/vnd.adobe.photoshop", "8BPS"),
  at0("image/jxl", "\0\0\0\x0cJXL "),
  at0("application/pdf", "%PDF-"),
  at0("application/postscript", "%!PS"),
  at0("application/rtf", "{\\rtf"),
  at0("application/zip", "PK\x03\x04", { refinedBy: zipTypes }),
  at0("application/zip", "PK\x05\x06", { refinedBy: zipTypes }),
  at0("application/gzip", "\x1f\x8b\x08"),
  at0("application/x-bzip2", "BZh", { also: (bytes) => hasAt(bytes, 4, "1AY&SY") }),
  at0("application/x-xz", "\xfd7zXZ\0"),
  at0("application/zstd", "\x28\xb5\x2f\xfd"),
  at0("application/x-7z-compressed", "7z\xbc\xaf\x27\x1c"),
  at0("application/vnd.rar", "Rar!\x1a\x07"),
  { type: "application/x-tar", parts: [[257, "ustar"]] },
  at0("application/x-cfb", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", {
    refinedBy: /^application\/(msword|vnd\.ms-|vnd\.visio|x-msi)/,
  }),
  at0("application/wasm", "\0asm"),
  at0("application/vnd.sqlite3", "SQLite format 3\0"),
  at0("application/vnd.apache.parquet", "PAR1"),
  at0("application/x-elf", "\x7fELF"),
  at0("application/vnd.microsoft.portable-executable", "MZ", {
    also: (bytes) => bytes.length >= 64 && bytes.subarray(0, 64).includes(0),
  }),
  at0("application/x-mach-binary", "\xcf\xfa\xed\xfe"),
  at0("audio/mpeg", "ID3"),
  at0("audio/mpeg", "\xff", {
    // a frame of layer 3, with a bit rate and a sample rate that exist
    also: ([, b = 0, c = 0]) => (b & 0xe6) === 0xe2 && c >> 4 !== 15 && ((c >> 2) & 3) !== 3,
  }),
  at0("audio/flac", "fLaC"),
  at0("audio/ogg", "OggS", { refinedBy: /^(audio|video|application)\/ogg$/ }),
  at0("audio/midi", "MThd"),
  at0("font/woff2", "wOF2"),
  at0("font/woff", "wOFF"),
  at0("font/otf", "OTTO"),
  at0("font/ttf", "\0\x01\0\0", { also: (bytes) => bytes[4] === 0 && bytes[5] !== 0 }),
];

/** The kind of file that begins like this; `undefined` for text and for what is not known. */
export function signatureOf(bytes: Uint8Array): FileSignature | undefined {
  return (
    rules.find(
      ({ parts, also }) =>
        parts.every(([offset, text]) => hasAt(bytes, offset, text)) && (also?.(bytes) ?? true),
    ) ?? markup(bytes)
  );
}

/** Markup that browsers run, wherever it comes from: named by what it is and not by what it is called. */
function markup(bytes: Uint8Array): FileSignature | undefined {
  const start = Buffer.from(bytes.subarray(0, 1024))
    .toString("latin1")
    .replace(/^\u00ef\u00bb\u00bf/, "")
    .trimStart();
  if (/^<(!doctype html|html|head|body|script)\b/i.test(start)) return { type: "text/html" };
  const beyondProlog = start.replace(/^(<\?xml[^>]*\?>|<!--[\s\S]*?-->|<!doctype[^>]*>|\s+)+/i, "");
  if (/^<(\w+:)?svg[\s>]/i.test(beyondProlog)) return { type: "image/svg+xml" };
  if (start.startsWith("<?xml")) return { type: "application/xml", refinedBy: /[/+]xml$/ };
  return undefined;
}

function hasAt(bytes: Uint8Array, offset: number, text: string): boolean {
  if (bytes.length < offset + text.length) return false;
  for (let at = 0; at < text.length; at += 1) {
    if (bytes[offset + at] !== text.charCodeAt(at)) return false;
  }
  return true;
}

function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  return bytes.subarray(from, to).every((byte) => byte === 0);
}
