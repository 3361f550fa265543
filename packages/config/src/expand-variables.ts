/** The outcome of an expansion; `problem` never quotes a value. */
export type Expansion =
  | { readonly text: string; readonly problem?: undefined }
  | { readonly problem: string };

/**
 * Replaces `${NAME}` and `${NAME:-otherwise}` in a text; `\${` stands for itself, and so does a `$` without a brace, as
 * passwords have it.
 *
 * @param lookup - the raw value of a variable, and whether references in it are to be replaced as well.
 */
export function expandVariables(
  text: string,
  lookup: (name: string) => { readonly text: string; readonly raw: boolean } | undefined,
  within: readonly string[] = [],
): Expansion {
  if (!text.includes("${")) return { text };
  let problem: string | undefined;
  const expanded = text.replaceAll(
    /(\\?)\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g,
    (all, escape: string, name: string, otherwise: string | undefined) => {
      if (escape) return all.slice(1);
      if (within.includes(name)) {
        problem ??= `refers to itself: ${[...within, name].join(" > ")}`;
        return "";
      }
      const found = lookup(name);
      if (found === undefined || found.text === "") {
        if (otherwise === undefined) problem ??= `refers to \${${name}}, which is not set`;
        return otherwise ?? "";
      }
      if (!found.raw) return found.text;
      const inner = expandVariables(found.text, lookup, [...within, name]);
      problem ??= inner.problem;
      return inner.problem === undefined ? inner.text : "";
    },
  );
  return problem === undefined ? { text: expanded } : { problem };
}
