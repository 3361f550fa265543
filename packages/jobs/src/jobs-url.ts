/** What jobs can be kept in. */
export type JobsScheme = "memory" | "redis" | "postgres" | "pglite" | "database";

/** A jobs URL, taken apart as far as choosing the engine needs. */
export interface JobsUrl {
  readonly scheme: JobsScheme;
  /** As given: may hold a password. */
  readonly full: string;
}

const schemes: Readonly<Record<string, JobsScheme>> = {
  memory: "memory",
  redis: "redis",
  rediss: "redis",
  postgres: "postgres",
  postgresql: "postgres",
  pglite: "pglite",
  database: "database",
};

/**
 * Reads a jobs URL.
 *
 * @throws RangeError when its scheme is not one that this package understands; never quotes a password.
 */
export function parseJobsUrl(url: string): JobsUrl {
  const match = /^([a-z][a-z0-9+]*):(.*)$/is.exec(url);
  const name = match?.[1]!.toLowerCase();
  const scheme = name && Object.hasOwn(schemes, name) ? schemes[name] : undefined;
  if (!match || !scheme) {
    throw new RangeError(
      `url must begin with memory:, redis://, postgres://, pglite: or database:, got ${match ? `the scheme ${JSON.stringify(`${match[1]}:`)}` : "no URL"}`,
    );
  }
  if ((scheme === "redis" || scheme === "postgres") && !match[2]!.startsWith("//")) {
    throw new RangeError(`url must read "${scheme}://host", got "${scheme}:" without the slashes`);
  }
  if (scheme === "pglite" && match[2] === "") {
    throw new RangeError('url must name a directory ("pglite:./data/jobs") or "pglite:memory"');
  }
  return { scheme, full: url };
}
