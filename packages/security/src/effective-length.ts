/** Words that are shorter say nothing. */
const leastWord = 4;

/**
 * How many characters of a password add something to it: not those of known words, not those that repeat the one before
 * or count on from it, and of a pattern that comes again and again only one round.
 */
export function effectiveLength(password: string, words: readonly string[]): number {
  let rest = password.toLowerCase();
  // a word that is part of another must not break it
  const longestFirst = words.flatMap(partsOf).toSorted((a, b) => b.length - a.length);
  for (const word of longestFirst) rest = rest.replaceAll(word, "");
  const [, pattern = rest] = /^(.{1,16}?)\1+$/su.exec(rest) ?? [];
  let count = 0;
  let previous = Number.NaN;
  for (const character of pattern) {
    const code = character.codePointAt(0)!;
    if (!(Math.abs(code - previous) <= 1)) count += 1;
    previous = code;
  }
  return count;
}

/** A word whole, and the parts of an address or a name: `ada.lovelace@example.com`. */
function partsOf(word: string): string[] {
  const whole = word.normalize("NFC").toLowerCase();
  return [whole, ...whole.split(/[^\p{L}\p{N}]+/u)].filter((each) => each.length >= leastWord);
}
