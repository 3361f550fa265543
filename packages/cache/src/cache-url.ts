/** What a cache can be shared over. */
export type CacheScheme = "memory" | "redis" | "postgres" | "database";

/** A cache URL, taken apart as far as choosing the driver needs. */
export interface CacheUrl {
  readonly scheme: CacheScheme;
  /** As given: may hold a password. */
  readonly full: string;
}

const schemes: Readonly<Record<string, CacheScheme>> = {
  memory: "memory",
  redis: "redis",
  rediss: "redis",
  postgres: "postgres",
  postgresql: "postgres",
  database: "database",
};

/**
 * Reads a cache URL.
 *
 * @throws RangeError when its scheme is not one that this package understands; never quotes a password.
 */
export function parseCacheUrl(url: string): CacheUrl {
  const match = /^([a-z][a-z0-9+]*):(.*)$/is.exec(url);
  const name = match?.[1]!.toLowerCase();
  const scheme = name && Object.hasOwn(schemes, name) ? schemes[name] : undefined;
  if (!match || !scheme) {
    throw new RangeError(
      `url must begin with memory:, redis://, postgres:// or database:, got ${match ? `the scheme ${JSON.stringify(`${match[1]}:`)}` : "no URL"}`,
    );
  }
  if ((scheme === "redis" || scheme === "postgres") && !match[2]!.startsWith("//")) {
    throw new RangeError(`url must read "${scheme}://host", got "${scheme}:" without the slashes`);
  }
  return { scheme, full: url };
}
