import type { CacheStore, Clock, Database, InvalidationBus, Logger } from "@infra/interfaces";

import type { ResolvedOptions } from "./cache-options.js";
import { PostgresCacheStore } from "./drivers/postgres.js";
import { RedisCacheStore, RedisInvalidationBus } from "./drivers/redis.js";
import { RedisConnection } from "./redis-connection.js";

/** What a cache shares values over. */
export interface OpenTiers {
  readonly store: CacheStore | undefined;
  readonly bus: InvalidationBus | undefined;
  /** Closes what was made here. */
  close(): Promise<void>;
}

/** Collaborators of {@link openTiers}. */
export interface TierDependencies {
  readonly bus?: InvalidationBus | undefined;
  readonly database?: Database | undefined;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Makes the store and the bus that the options name; nothing is connected yet. @throws RangeError */
export function openTiers(options: ResolvedOptions, deps: TierDependencies): OpenTiers {
  const { url } = options;
  const { bus } = deps;
  if (options.store) return { store: options.store, bus, close: () => Promise.resolve() };
  if (url.scheme === "memory") return { store: undefined, bus, close: () => Promise.resolve() };
  return url.scheme === "redis" ? openRedis(options, deps) : openPostgres(options, deps);
}

function openRedis({ url, prefix }: ResolvedOptions, deps: TierDependencies): OpenTiers {
  const { bus, clock, logger } = deps;
  const connection = new RedisConnection({ url: url.full }, { logger, clock });
  const own = bus ? undefined : new RedisInvalidationBus({ connection, prefix }, { clock });
  return {
    store: new RedisCacheStore({ connection, prefix }),
    bus: bus ?? own,
    async close() {
      await own?.close();
      await connection.close();
    },
  };
}

function openPostgres({ url, prefix }: ResolvedOptions, deps: TierDependencies): OpenTiers {
  const { bus, clock, database } = deps;
  if (url.scheme === "database" && !database) {
    throw new RangeError(
      'the url "database:" needs a Database: bind one, or pass { database } as a collaborator',
    );
  }
  const where =
    database && url.scheme === "database"
      ? { pool: () => database.openPool({ max: 5 }) }
      : { url: url.full };
  const store = new PostgresCacheStore({ ...where, prefix }, { clock });
  return { store, bus, close: () => store.close() };
}
