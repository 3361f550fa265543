/**
 * A `contentDisposition` that makes browsers save a file under a name, whatever its characters (RFC 6266, RFC 8187):
 * `attachment("Übersicht.pdf")`.
 */
export function attachment(filename: string): string {
  if (typeof filename !== "string" || filename === "") {
    throw new TypeError(`filename must be a non-empty string, got ${JSON.stringify(filename)}`);
  }
  const name = filename.replaceAll(/[/\\\p{Surrogate}]/gu, "_");
  const plain = name.replaceAll(/[^\u0020-\u007e]|["%]/g, "_");
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return plain === name
    ? `attachment; filename="${plain}"`
    : `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
