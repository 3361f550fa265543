import { graphemes } from "./graphemes.js";

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
 */
export function mask(text: string, options: MaskOptions = {}): string {
  const { start = 0, end = 4, with: hidden = "****" } = options;
  const characters = [...graphemes(text)];
  if ((start + end) * 2 >= characters.length) return hidden;
  return (
    characters.slice(0, start).join("") +
    hidden +
    characters.slice(characters.length - end).join("")
  );
}
