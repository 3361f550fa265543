let segmenter: Intl.Segmenter | undefined;

/** The characters of a text as a person counts them, one after the other. */
export function* graphemes(text: string): Generator<string> {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  for (const { segment } of segmenter.segment(text)) yield segment;
}
