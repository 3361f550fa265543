import transliterate from "@sindresorhus/transliterate";

import { wholeNumber } from "./whole-number.js";

/** Options of {@link slug}. */
export interface SlugOptions {
  /** What stands between words. @default "-" */
  readonly separator?: string;
  /** Characters at the most; cut between words where there are several. @default Infinity */
  readonly max?: number;
}

/**
 * A text as part of a URL: small letters and digits of ASCII, `"Crème brûlée für Übermut"` gives
 * `creme-brulee-fuer-uebermut`. A text without any is empty.
 *
 * @throws RangeError when `max` is not a whole number from 0 upwards, or `Infinity`.
 */
export function slug(text: string, options: SlugOptions = {}): string {
  const { separator = "-", max = Infinity } = options;
  if (max !== Infinity) wholeNumber(max, "slug: max", 0);
  const parts =
    transliterate(text)
      .toLowerCase()
      .replaceAll(/['’]/g, "")
      .match(/[a-z0-9]+/g) ?? [];
  let result = "";
  for (const part of parts) {
    const longer = result === "" ? part : result + separator + part;
    if (longer.length > max) return result === "" ? part.slice(0, max) : result;
    result = longer;
  }
  return result;
}
