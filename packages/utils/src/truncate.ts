import { graphemes } from "./graphemes.js";
import { wholeNumber } from "./whole-number.js";

/** Options of {@link truncate}. */
export interface TruncateOptions {
  /** What stands for the rest; counts towards `max`. @default "…" */
  readonly ellipsis?: string;
}

/**
 * A text of at most `max` characters as a person counts them: an emoji of several code points, or a letter with its
 * accents, is one, and is never cut in two.
 *
 * @throws RangeError when `max` is not a whole number from 0 upwards.
 */
export function truncate(text: string, max: number, options: TruncateOptions = {}): string {
  wholeNumber(max, "truncate: max", 0);
  // no text has more characters than code units
  if (text.length <= max) return text;
  const ellipsis = [...graphemes(options.ellipsis ?? "…")].slice(0, max);
  const kept = max - ellipsis.length;
  let start = "";
  let count = 0;
  for (const grapheme of graphemes(text)) {
    if (++count <= kept) start += grapheme;
    if (count > max) return start + ellipsis.join("");
  }
  return text;
}
