// what JSON lets through although it ends a line, or steers a terminal: DEL and C1 controls, line and paragraph separators
const needsEscape = /[\p{Cc}\p{Cs}"\\\u2028\u2029]/u;
const beyondJson = /[\u007f-\u009f\u2028\u2029]/g;

/** A text as JSON, on one line and without control characters. */
export function jsonText(text: string): string {
  if (!needsEscape.test(text)) return `"${text}"`;
  return JSON.stringify(text).replaceAll(beyondJson, unicodeEscape);
}

/** A text for a terminal: no line breaks and no control characters, they are shown as escapes. */
export function visibleText(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, (character) =>
    character === "\n" ? "\\n" : character === "\t" ? "\\t" : unicodeEscape(character),
  );
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
