import { importPeer } from "@infra/errors";
import type { SqlPool, SqlPoolOptions } from "@infra/interfaces";
import type { Client, ClientConfig } from "pg";

import type { Engine, RawConnection } from "./driver.js";

/** What is used of the module `pg`. */
export type Pg = (typeof import("pg"))["default"];

/** Loads `pg`, for the URL scheme that needs it. */
export async function importPg(scheme: string, install: string): Promise<Pg> {
  return (await importPeer("pg", () => import("pg"), { for: `the url ${scheme}`, install }))
    .default;
}

/** What every engine that is reached through `pg` does in the same way. */
export function pgEngine(
  pg: Pg,
  config: ClientConfig,
): Pick<Engine, "client" | "terminate" | "openPool"> {
  // the class knows how to connect, so that printing knex or a pool shows no password
  class BoundClient extends pg.Client {
    constructor(given?: ClientConfig) {
      super({ ...given, ...config });
    }
  }
  return {
    client: { Client: BoundClient },
    terminate(connection: RawConnection): void {
      const { connection: wire } = connection as Client & { connection?: { stream?: Destroyable } };
      wire?.stream?.destroy();
    },
    openPool({ max = 10, settings = {} }: SqlPoolOptions, onError): SqlPool {
      const pool = new pg.Pool({ Client: BoundClient, max, options: startupOptions(settings) });
      // an idle connection that breaks is replaced; unheard, the event would end the process
      pool.on("error", onError);
      // of one that is in use the statement fails as well
      pool.on("connect", (client) => void client.on("error", () => {}));
      return pool;
    },
  };
}

interface Destroyable {
  destroy(): void;
}

/** Session settings as the protocol's `options`: set before the first statement, without a round trip. */
function startupOptions(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replace(/[\\\s]/g, "\\$&")}`)
    .join(" ");
}
