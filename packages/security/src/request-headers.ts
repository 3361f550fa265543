/** The headers of a request, as Node.js, Fastify or `fetch` have them. */
export type RequestHeaders = object;

/** A header by its lower-case name; `undefined` when it is missing or stands there more than once. */
export function headerOf(headers: RequestHeaders, name: string): string | undefined {
  const value: unknown = isFetchHeaders(headers)
    ? headers.get(name)
    : (headers as Readonly<Record<string, unknown>>)[name];
  return typeof value === "string" ? value : undefined;
}

/** The host that was asked for; in HTTP/2 Node.js has it under a name of its own. */
export function hostOf(headers: RequestHeaders): string | undefined {
  const host = headerOf(headers, "host");
  return host ?? (isFetchHeaders(headers) ? undefined : headerOf(headers, ":authority"));
}

function isFetchHeaders(
  headers: object,
): headers is { readonly get: (name: string) => string | null } {
  return "get" in headers && typeof headers.get === "function";
}
