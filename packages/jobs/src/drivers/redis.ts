import { setMaxListeners } from "node:events";

import { importPeer } from "@infra/errors";

import { BullJobEngine } from "../bull/bull-engine.js";
import type { BullBinding, OpenBull } from "../bull/bull-types.js";
import { calm } from "../bull/calm-backend.js";
import { placesPerPriority } from "../bull/job-options.js";
import { loadBull, type BullModule } from "../bull/load-bull.js";
import { RedisSideStore, type RedisCommands } from "../bull/redis-store.js";

/** A client of node-redis 5, as far as jobs go. */
export interface RedisClient extends RedisCommands {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  readonly options?: { readonly socket?: object | undefined } | undefined;
  connect(): Promise<unknown>;
  destroy(): void;
  duplicate(options?: object): RedisClient;
  ping(): Promise<unknown>;
  on(event: string, listener: (...args: never[]) => void): unknown;
}

/** Options of {@link RedisJobEngine}. */
export type RedisJobEngineOptions = (
  | { readonly url: string; readonly client?: never }
  /** A client of node-redis 5; it is not closed. */
  | { readonly client: RedisClient; readonly url?: never }
) & {
  /** The name of the queue. @default "jobs" */
  readonly queue?: string | undefined;
  /** What its keys begin with. @default "bull" */
  readonly prefix?: string | undefined;
  /** Told what goes wrong beside the calls. */
  readonly onError?: ((error: Error) => void) | undefined;
};

const connectTimeoutMs = 2_000;
const longestReconnectMs = 500;
/** Commands that wait while the connection is down; one more is refused. */
const longestQueue = 10_000;

/** Jobs in Redis, by BullMQ on node-redis. */
export class RedisJobEngine extends BullJobEngine {
  constructor(options: RedisJobEngineOptions) {
    const { queue = "jobs", onError = () => {} } = options;
    super("redis", queue, new RedisBinding(options, queue, onError), onError);
  }
}

class RedisBinding implements BullBinding {
  readonly #options: RedisJobEngineOptions;
  readonly #queue: string;
  readonly #onError: (error: Error) => void;

  constructor(options: RedisJobEngineOptions, queue: string, onError: (error: Error) => void) {
    this.#options = options;
    this.#queue = queue;
    this.#onError = onError;
  }

  async open({ signal }: { readonly signal?: AbortSignal | undefined }): Promise<OpenBull> {
    signal?.throwIfAborted();
    const { prefix = "bull" } = this.#options;
    const bull = await loadBull();
    const clients = new Set<RedisClient>();
    const ending = new AbortController();
    // every socket listens
    setMaxListeners(0, ending.signal);
    const follow = (client: RedisClient): RedisClient => {
      clients.add(client);
      client.on("error", this.#onError);
      const duplicate = client.duplicate.bind(client);
      // the connections that BullMQ makes for what blocks have to be cut too
      client.duplicate = (overrides) => follow(duplicate(overrides));
      const connect = client.connect.bind(client);
      // what of BullMQ has not noticed yet that it was closed would connect again
      client.connect = () => (ending.signal.aborted ? Promise.reject(closed()) : connect());
      return client;
    };
    // never the client that was handed over: what is changed in it, and closed, is ours
    const client = follow(endedBy(await this.#client(), ending.signal));
    const destroy = async (): Promise<void> => {
      destroyAll(clients);
      // also those of clients that are connecting, or closed and waiting for an answer: these can't be destroyed
      ending.abort();
    };
    try {
      await connected(client, signal);
    } catch (error) {
      await destroy();
      throw error;
    }
    const connection = borne(bull.createNodeRedisClient(client) as Adapter);
    return {
      library: bull,
      backend: calm(redisBackend(bull)),
      options: { connection, prefix },
      store: new RedisSideStore(client, `${prefix}:${this.#queue}`, placesPerPriority),
      ping: () => client.ping(),
      async lastEventId(queue) {
        const [last] = await client.xRevRange(`${prefix}:${queue}:events`, "+", "-", { COUNT: 1 });
        return last?.id ?? "0-0";
      },
      destroy,
    };
  }

  async #client(): Promise<RedisClient> {
    const settings = {
      commandsQueueMaxLength: longestQueue,
      socket: {
        connectTimeout: connectTimeoutMs,
        reconnectStrategy: (retries: number) => Math.min(50 * 2 ** retries, longestReconnectMs),
      },
    };
    if (this.#options.client) return this.#options.client;
    const { createClient } = await importPeer("redis", () => import("redis"), {
      for: "a job queue on Redis",
    });
    return createClient({ url: this.#options.url, ...settings }) as unknown as RedisClient;
  }
}

/** Resolves when it is connected, rejects with what the first attempt fails with. */
async function connected(client: RedisClient, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    client.on("ready", resolve);
    client.on("error", reject);
    signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    client.connect().catch(reject);
  });
}

/** A client like another, whose sockets a signal ends in whatever state they are. */
function endedBy(client: RedisClient, signal: AbortSignal): RedisClient {
  return client.duplicate({ socket: { ...client.options?.socket, signal } });
}

/** What BullMQ makes of a client. */
interface Adapter {
  on(event: "error", listener: () => void): unknown;
  duplicate(...args: unknown[]): Adapter;
}

/** BullMQ takes its listeners off when it closes: an error that comes then would end the process. The client's has been told. */
function borne(adapter: Adapter): Adapter {
  adapter.on("error", () => {});
  const duplicate = adapter.duplicate.bind(adapter);
  adapter.duplicate = (...args) => borne(duplicate(...args));
  return adapter;
}

function closed(): Error {
  return new Error("the job engine is closed");
}

function destroyAll(clients: ReadonlySet<RedisClient>): void {
  for (const client of clients) if (client.isOpen) client.destroy();
}

/** BullMQ's own default. */
function redisBackend(bull: BullModule): ReturnType<typeof calm> {
  return (bull as unknown as { createRedisBackend: ReturnType<typeof calm> }).createRedisBackend;
}
