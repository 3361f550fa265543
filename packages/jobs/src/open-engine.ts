import type { Clock, Database, JobEngine } from "@infra/interfaces";

import { MemoryJobEngine } from "./drivers/memory.js";
import { PostgresJobEngine } from "./drivers/postgres.js";
import { RedisJobEngine } from "./drivers/redis.js";
import type { ResolvedOptions } from "./jobs-options.js";

/** Makes the engine that the options name; nothing is connected yet. @throws RangeError */
export function makeEngine(
  options: ResolvedOptions,
  deps: {
    readonly database: Database | undefined;
    readonly clock: Clock;
    readonly onError: (error: Error) => void;
  },
): JobEngine {
  const { url, queue, prefix, concurrency } = options;
  const { database, clock, onError } = deps;
  if (options.engine) return options.engine;
  const maxConnections = 5 + Math.min(concurrency, 10);
  const onDatabase = (given: Database): JobEngine =>
    new PostgresJobEngine({ database: given, queue, maxConnections, onError });
  if (!url) return database ? onDatabase(database) : new MemoryJobEngine({ clock });
  if (url.scheme === "memory") return new MemoryJobEngine({ clock });
  if (url.scheme === "redis") return new RedisJobEngine({ url: url.full, queue, prefix, onError });
  if (url.scheme === "database") {
    if (!database) throw new RangeError("url database: needs a bound Database, got none");
    return onDatabase(database);
  }
  return new PostgresJobEngine({ url: url.full, queue, maxConnections, onError });
}
