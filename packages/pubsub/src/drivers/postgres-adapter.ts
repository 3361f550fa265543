import { importPeer } from "@infra/errors";
import type { SqlPool } from "@infra/interfaces";

import type { GatewayAdapter } from "../gateway/gateway-adapter.js";

/** Options of {@link PostgresGatewayAdapter}: a URL, or a pool, which is not closed. */
export type PostgresGatewayAdapterOptions = (
  | { readonly url: string }
  | { readonly pool: SqlPool }
) & {
  /** The table for what is too large for a notification, made when it is missing. @default "infra_socket_io" */
  readonly table?: string;
  /** What its channels begin with. @default "socket.io" */
  readonly channelPrefix?: string;
};

/** socket.io's adapter on notifications of PostgreSQL, the embedded one included: `@socket.io/postgres-adapter`. */
export class PostgresGatewayAdapter implements GatewayAdapter {
  readonly #options: PostgresGatewayAdapterOptions;
  #owned: SqlPool | undefined;

  /** @throws RangeError when the table's name is none. */
  constructor(options: PostgresGatewayAdapterOptions) {
    const { table = "infra_socket_io" } = options;
    if (!/^[a-z_][a-z0-9_]{0,62}$/.test(table)) {
      throw new RangeError(
        `table must be lower-case letters, digits and "_", got ${JSON.stringify(table)}`,
      );
    }
    this.#options = options;
  }

  /** @throws PeerMissingError (`ERR_PEER_MISSING`); what making the table fails with. */
  async open(): Promise<unknown> {
    const { createAdapter } = await importPeer(
      "@socket.io/postgres-adapter",
      () => import("@socket.io/postgres-adapter"),
      { for: "PostgresGatewayAdapter", install: "@socket.io/postgres-adapter pg" },
    );
    const { table = "infra_socket_io", channelPrefix } = this.#options;
    const pool =
      "pool" in this.#options ? this.#options.pool : await this.#openPool(this.#options.url);
    await createTable(pool, table);
    return createAdapter(pool as never, {
      tableName: table,
      ...(channelPrefix !== undefined && { channelPrefix }),
    });
  }

  /** Ends the pool that it made. */
  async close(): Promise<void> {
    await this.#owned?.end();
    this.#owned = undefined;
  }

  async #openPool(url: string): Promise<SqlPool> {
    const { default: pg } = await importPeer("pg", () => import("pg"), {
      for: "PostgresGatewayAdapter",
    });
    const pool = new pg.Pool({ connectionString: url, max: 3 });
    // without a listener an error of an idle connection would end the process
    pool.on("error", () => {});
    pool.on("connect", (client) => void client.on("error", () => {}));
    this.#owned = pool as unknown as SqlPool;
    return this.#owned;
  }
}

async function createTable(pool: SqlPool, table: string): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("begin");
    // two processes that begin at the same time would both find nothing
    await client.query("select pg_advisory_xact_lock(hashtext($1))", [table]);
    await client.query(
      `create table if not exists ${table} (id bigserial unique, created_at timestamptz default now(), payload bytea)`,
    );
    await client.query("commit");
    client.release();
  } catch (error) {
    client.release(true);
    throw error;
  }
}
