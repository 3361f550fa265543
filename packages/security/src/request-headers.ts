/** The headers of a request, as Node.js, Fastify or `fetch` have them. */
export type RequestHeaders =
  | { readonly get: (name: string) => string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** A header by its lower-case name; `undefined` when it is missing or stands there more than once. */
export function headerOf(headers: RequestHeaders, name: string): string | undefined {
  const value =
    typeof headers.get === "function"
      ? (headers as { get: (name: string) => string | null }).get(name)
      : (headers as Readonly<Record<string, string | readonly string[] | undefined>>)[name];
  return typeof value === "string" ? value : undefined;
}
