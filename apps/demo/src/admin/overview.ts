import { CacheService } from "@infra/cache";
import { DatabaseService } from "@infra/database";
import type { Container } from "@infra/di";
import { tokens } from "@infra/interfaces";
import { JobsService } from "@infra/jobs";
import { PubSubService } from "@infra/pubsub";
import { StorageService } from "@infra/storage";

import { AdminFeed } from "./admin-feed.js";
import type { Overview } from "./contract.js";

/** How this process came up, what it is made of, and what stands behind it. */
export async function overviewOf(container: Container): Promise<Overview> {
  const { totalMs = 0, steps = [] } = container.get(tokens.lifecycle).startReport ?? {};
  const { nodes, edges } = container.graph();
  return {
    process: container.get(AdminFeed).process,
    node: process.version,
    startup: { totalMs, steps },
    graph: { nodes, edges },
    engines: await enginesOf(container),
  };
}

async function enginesOf(container: Container): Promise<Readonly<Record<string, string>>> {
  const { details } = await container.get(PubSubService).health();
  return {
    database: container.get(DatabaseService).url,
    storage: container.get(StorageService).url,
    cache: container.get(CacheService).stats().store ? "in memory, and shared" : "in memory",
    jobs: container.get(JobsService).engine.name,
    pubsub: String(details?.["engine"]),
  };
}
