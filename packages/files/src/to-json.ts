/** A value as JSON; an `indent` of 0 puts all on one line. @throws TypeError when it is nothing that JSON can say. */
export function toJson(value: unknown, indent: number): string {
  const text = JSON.stringify(value, undefined, indent) as string | undefined;
  if (text === undefined) {
    throw new TypeError(`value must be something that JSON can say; got ${typeof value}`);
  }
  return text;
}

/** Values as JSON, one on each line. */
export async function* toJsonLines(
  values: Iterable<unknown> | AsyncIterable<unknown>,
): AsyncGenerator<string> {
  for await (const value of values) yield `${toJson(value, 0)}\n`;
}
