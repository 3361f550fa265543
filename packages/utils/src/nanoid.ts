import { secureRandom, type RandomSource } from "./random-source.js";
import { wholeNumber } from "./whole-number.js";

/** Options of {@link nanoid}. */
export interface NanoidOptions {
  /** Characters. @default 21 */
  readonly size?: number;
  /** 2 to 256 different characters. @default letters, digits, "_" and "-" */
  readonly alphabet?: string;
  /** @default secureRandom */
  readonly random?: RandomSource | undefined;
}

const urlSafe = "useandom-26T198340PX75pxJACKVERYMINDBUSHWOLF_GQZbfghjklqvwyzrict";

/**
 * A random text of an alphabet's characters, each as likely as any other.
 *
 * @throws RangeError when the size or the alphabet is out of range.
 */
export function nanoid(options: NanoidOptions = {}): string {
  const { alphabet = urlSafe, random = secureRandom } = options;
  const size = wholeNumber(options.size ?? 21, "nanoid: size", 1);
  if (alphabet.length < 2 || alphabet.length > 256 || new Set(alphabet).size !== alphabet.length) {
    throw new RangeError(
      `nanoid: alphabet must be 2 to 256 different characters, got ${JSON.stringify(alphabet)}`,
    );
  }
  // bytes beyond the alphabet are thrown away: taking the remainder would favour its first characters
  const mask = 2 ** Math.ceil(Math.log2(alphabet.length)) - 1;
  let id = "";
  while (id.length < size) {
    for (const byte of random(size - id.length)) id += alphabet[byte & mask] ?? "";
  }
  return id;
}
