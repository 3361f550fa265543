import { InternalError } from "@infra/errors";
import type { Clock, Database, Logger } from "@infra/interfaces";

import { MemoryPubSubEngine } from "./drivers/memory.js";
import type { PubSubEngine } from "./engine.js";
import type { ResolvedOptions } from "./pubsub-options.js";

/** The engine that the options name. Loads its driver; connects to nothing. */
export async function openEngine(
  options: ResolvedOptions,
  deps: {
    readonly database: Database | undefined;
    readonly logger: Logger;
    readonly clock: Clock;
  },
): Promise<PubSubEngine> {
  const { url, prefix, maxMessageBytes } = options;
  if (options.engine) return options.engine;
  const shared = {
    prefix,
    maxMessageBytes,
    keepMessages: options.keepMessages,
    keepForMs: options.keepForMs,
  };
  switch (url.scheme) {
    case "memory":
      return new MemoryPubSubEngine(shared, deps);
    case "redis": {
      const { RedisPubSubEngine } = await import("./drivers/redis.js");
      return new RedisPubSubEngine({ ...shared, url: url.full }, deps);
    }
    case "postgres": {
      const { PostgresPubSubEngine } = await import("./drivers/postgres.js");
      return new PostgresPubSubEngine({ ...shared, url: url.full }, deps);
    }
    default: {
      const { database } = deps;
      if (!database) {
        throw new InternalError("the url database: needs the collaborator `database`");
      }
      const { PostgresPubSubEngine } = await import("./drivers/postgres.js");
      return new PostgresPubSubEngine(
        { ...shared, pool: () => database.openPool({ max: 3 }) },
        deps,
      );
    }
  }
}
