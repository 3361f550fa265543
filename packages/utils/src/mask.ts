import { graphemes } from "./graphemes.js";
import { wholeNumber } from "./whole-number.js";

/** Options of {@link mask}. */
export interface MaskOptions {
  /** Characters shown at the start. @default 0 */
  readonly start?: number;
  /** Characters shown at the end. @default 4 */
  readonly end?: number;
  /** What stands for all the rest, whatever its length. @default "****" */
  readonly with?: string;
}

/**
 * A text of which only the ends can be read: `"4111111111111111"` gives `****1111`. The length of what is hidden does not
 * show; a text that would show half of itself or more is hidden whole.
 *
 * @throws RangeError when `start` or `end` is not a whole number from 0 upwards.
 */
export function mask(text: string, options: MaskOptions = {}): string {
  const { with: hidden = "****" } = options;
  const start = wholeNumber(options.start ?? 0, "mask: start", 0);
  const end = wholeNumber(options.end ?? 4, "mask: end", 0);
  const characters = [...graphemes(text)];
  if ((start + end) * 2 >= characters.length) return hidden;
  return (
    characters.slice(0, start).join("") +
    hidden +
    characters.slice(characters.length - end).join("")
  );
}
