import { importPeer } from "@infra/errors";
import type { SqlPool } from "@infra/interfaces";

/** A pool of our own, and what lets go of it at once. */
export interface OwnPool {
  readonly pool: SqlPool;
  destroy(): Promise<void>;
}

interface PoolSettings {
  readonly max: number;
  /** Of the protocol: set in each session before the first statement. */
  readonly options: string;
}

interface Wire {
  readonly connection?: { readonly stream?: { destroy(): void } };
}

const connectTimeoutMs = 5_000;

/** A pool on a PostgreSQL server. */
export async function openServerPool(
  url: string,
  settings: PoolSettings,
  onError: (error: Error) => void,
): Promise<OwnPool> {
  return openPool(
    { connectionString: url, connectionTimeoutMillis: connectTimeoutMs, keepAlive: true },
    settings,
    onError,
  );
}

/** A pool on an embedded database, which is opened here and closed with it. */
export async function openEmbeddedPool(
  url: string,
  settings: PoolSettings,
  onError: (error: Error) => void,
): Promise<OwnPool> {
  const { EmbeddedPostgres } = await importPeer(
    "@infra/embedded-postgres",
    () => import("@infra/embedded-postgres"),
    { for: "the url pglite:", install: "@infra/embedded-postgres pg" },
  );
  const place = url.slice("pglite:".length);
  const server = await EmbeddedPostgres.open(place === "memory" ? {} : { directory: place });
  const own = await openPool(server.pgConfig(), settings, onError);
  return {
    pool: own.pool,
    async destroy() {
      await own.destroy();
      await server.close().catch(onError);
    },
  };
}

async function openPool(
  config: object,
  settings: PoolSettings,
  onError: (error: Error) => void,
): Promise<OwnPool> {
  const { default: pg } = await importPeer("pg", () => import("pg"), {
    for: "a job queue on PostgreSQL",
  });
  const clients = new Set<Wire>();
  class TrackedClient extends pg.Client {
    constructor(given?: object) {
      super({ ...given, ...config });
      clients.add(this);
      // of one that is in use the statement fails as well; unheard, the event would end the process
      this.on("error", () => {});
      this.once("end", () => clients.delete(this as unknown as Wire));
    }
  }
  const pool = new pg.Pool({ ...config, ...settings, Client: TrackedClient });
  // an idle connection that breaks is replaced
  pool.on("error", onError);
  return {
    pool,
    async destroy() {
      if (!pool.ending) pool.end().catch(onError);
      for (const client of clients) client.connection?.stream?.destroy();
    },
  };
}
