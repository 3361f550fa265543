/** The words of a text or an identifier: `"parseHTTPHeader2"` gives `parse`, `HTTP`, `Header2`. */
export function words(text: string): string[] {
  return (
    text
      .normalize("NFC")
      .match(
        /\p{Lu}+(?!\p{Ll})[\p{N}\p{M}]*|\p{Lu}?[\p{Ll}\p{Lo}\p{M}]+[\p{N}]*|\p{N}+|\p{Lu}/gu,
      ) ?? []
  );
}
