/** What messages can go over. */
export type PubSubScheme = "memory" | "redis" | "postgres" | "database";

/** A URL, taken apart as far as choosing the engine needs. */
export interface PubSubUrl {
  readonly scheme: PubSubScheme;
  /** As given: may hold a password. */
  readonly full: string;
}

const schemes: Readonly<Record<string, PubSubScheme>> = {
  memory: "memory",
  redis: "redis",
  rediss: "redis",
  postgres: "postgres",
  postgresql: "postgres",
  database: "database",
};

/**
 * Reads the URL of an engine.
 *
 * @throws RangeError when its scheme is not one that this package understands; never quotes a password.
 */
export function parsePubSubUrl(url: string): PubSubUrl {
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
