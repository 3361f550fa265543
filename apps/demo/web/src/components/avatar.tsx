import "./avatar.css";

/** A person as a coloured disc with initials; the name is said beside it or by `title`. */
export function Avatar({
  name,
  small = false,
}: {
  readonly name: string;
  readonly small?: boolean;
}) {
  return (
    <span
      class={`avatar${small ? " avatar-small" : ""}`}
      style={{ "--avatar-hue": String(hueOf(name)) }}
      aria-hidden="true"
    >
      {initialsOf(name)}
    </span>
  );
}

function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  const shown = words.length > 1 ? [words[0]!, words.at(-1)!] : words;
  return shown
    .map((word) => String.fromCodePoint(word.codePointAt(0) ?? 32).toUpperCase())
    .join("");
}

function hueOf(name: string): number {
  let sum = 7;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)!) % 360;
  return sum;
}
