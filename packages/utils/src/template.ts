/** Options of {@link template}. */
export interface TemplateOptions {
  /** What is done to each value: `escapeHtml` for HTML. @default String */
  readonly escape?: (value: string) => string;
}

/**
 * Fills `{{name}}` and `{{path.to.value}}` in. Only what the values hold themselves is found: neither a method nor
 * anything inherited.
 *
 * @throws RangeError when a value is missing, or is neither text, number nor boolean.
 */
export function template(
  text: string,
  values: Readonly<Record<string, unknown>>,
  options: TemplateOptions = {},
): string {
  const { escape = String } = options;
  return text.replaceAll(/\{\{([^{}]+)\}\}/g, (_all, inner: string) => {
    const path = inner.trim();
    let value: unknown = values;
    for (const key of path.split(".")) {
      value =
        typeof value === "object" && value !== null && Object.hasOwn(value, key)
          ? (value as Record<string, unknown>)[key]
          : undefined;
    }
    if (!["string", "number", "bigint", "boolean"].includes(typeof value)) {
      throw new RangeError(`template: no text or number for {{${path}}}`);
    }
    return escape(String(value));
  });
}
