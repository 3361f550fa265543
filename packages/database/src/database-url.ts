/** The schemes that this package understands, and what each one runs on. */
export type DatabaseScheme = "postgres" | "pglite" | "mysql" | "sqlite";

const schemes: Readonly<Record<string, DatabaseScheme>> = {
  postgres: "postgres",
  postgresql: "postgres",
  pglite: "pglite",
  mysql: "mysql",
  sqlite: "sqlite",
};

/** A database URL, taken apart as far as choosing the driver needs. */
export interface DatabaseUrl {
  readonly scheme: DatabaseScheme;
  /** As given: holds the password. */
  readonly full: string;
  /** What stands behind the scheme. */
  readonly rest: string;
  /** Fit to be shown: the password, wherever it stands, is `***`. */
  readonly masked: string;
}

/**
 * Reads a database URL.
 *
 * @throws RangeError when the scheme is not one that this package understands; never quotes a password.
 */
export function parseDatabaseUrl(url: string): DatabaseUrl {
  const match = /^([a-z][a-z0-9+]*):(.*)$/is.exec(url);
  const name = match?.[1]!.toLowerCase();
  const scheme = name && Object.hasOwn(schemes, name) ? schemes[name] : undefined;
  if (!match || !scheme) {
    throw new RangeError(
      `url must begin with postgres://, mysql://, sqlite: or pglite:, got ${match ? `the scheme ${JSON.stringify(`${match[1]}:`)}` : "no URL"}`,
    );
  }
  const local = scheme === "pglite" || scheme === "sqlite";
  // pglite://./data is the same folder as pglite:./data
  const rest = local ? match[2]!.replace(/^\/\//, "") : match[2]!;
  if (local && rest === "") {
    const example = scheme === "pglite" ? "./data/db" : "./data/app.db";
    throw new RangeError(
      `url must name a ${scheme === "pglite" ? "directory" : "file"} or memory, as in "${scheme}:${example}" and "${scheme}:memory"; got "${scheme}:"`,
    );
  }
  if (!local && !rest.startsWith("//")) {
    throw new RangeError(`url must read "${scheme}://user:password@host:port/database"`);
  }
  return { scheme, full: url, rest, masked: maskPassword(url) };
}

function maskPassword(url: string): string {
  return url
    .replace(/^([a-z0-9+]+:\/\/[^:@/?#]*:)(?:.*)@/i, "$1***@")
    .replace(/([?&][^=&]*password=)[^&#]*/gi, "$1***");
}
