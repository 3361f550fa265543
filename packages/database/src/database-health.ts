import type { HealthReport } from "@infra/interfaces";

import type { DatabaseStats } from "./database-service.js";
import type { EngineConnection } from "./engine-connection.js";
import type { OtherDatabases } from "./other-databases.js";

/** What {@link databaseHealth} looks at. */
export interface HealthHost {
  readonly connection: EngineConnection;
  readonly others: OtherDatabases;
  readonly pool: DatabaseStats["pool"];
  /** Asks the database something that takes no time. */
  readonly ask: () => Promise<unknown>;
}

/** How a database is: whether it answers, else whether it may be that it has only no connection to spare. */
export async function databaseHealth({
  connection,
  others,
  pool,
  ask,
}: HealthHost): Promise<HealthReport> {
  if (connection.state !== "started") {
    return { status: "down", message: `the database is not connected (${connection.state})` };
  }
  const details = { engine: connection.engine.name, ...pool };
  const startedAt = performance.now();
  try {
    await ask();
    const latencyMs = Math.round((performance.now() - startedAt) * 10) / 10;
    return await others.health({ status: "up", details: { ...details, latencyMs } });
  } catch (error) {
    const busy = pool.used >= pool.max;
    return {
      status: busy ? "degraded" : "down",
      message: busy
        ? `all ${pool.max} connections (maxConnections) are in use`
        : (error as Error).message,
      details,
    };
  }
}
