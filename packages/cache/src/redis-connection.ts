import { importPeer } from "@infra/errors";
import { systemClock, type Clock, type Logger } from "@infra/interfaces";
import { deferred } from "@infra/promises";

/** A client of node-redis 5, as far as a cache goes. */
export interface RedisClient {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  connect(): Promise<unknown>;
  close(): Promise<unknown>;
  destroy(): void;
  duplicate(options?: object): RedisClient;
  on(event: string, listener: (...args: never[]) => void): unknown;
  off(event: string, listener: (...args: never[]) => void): unknown;
  /** What only the client of a cluster has. */
  readonly slots?: unknown;
  sendCommand(command: string[]): Promise<unknown>;
  get(key: string): Promise<string | null>;
  set(key: string, value: string, options?: object): Promise<unknown>;
  unlink(key: string): Promise<number>;
  ping(): Promise<unknown>;
  scan(cursor: string, options?: object): Promise<{ cursor: unknown; keys: string[] }>;
  publish(channel: string, message: string): Promise<number>;
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
}

/** The adapter of keyv, as far as a cache goes. */
export interface RedisAdapter {
  readonly client: unknown;
  getMany(keys: string[]): Promise<(string | undefined)[]>;
  setMany(entries: { key: string; value: string; ttl?: number }[]): Promise<void>;
  getMasterNodes(): Promise<unknown[]>;
}

/** Where Redis is: its URL, or a connected client of node-redis 5, which is not closed. */
export type RedisWhere =
  | { readonly url: string; readonly client?: never }
  | { readonly client: RedisClient; readonly url?: never };

const longestReconnectMs = 500;
/** How long an attempt to connect may take. */
export const attemptMs = 2_000;

/**
 * One connection to Redis. A command is refused at once while it is down, rather than kept until it is up again: what
 * stood in a queue for so long would undo what happened since.
 */
export class RedisConnection {
  readonly #where: RedisWhere;
  readonly #logger: Logger | undefined;
  readonly #clock: Clock;
  #adapter: Promise<RedisAdapter> | undefined;
  #ready: RedisAdapter | undefined;
  #own: RedisClient | undefined;
  #closed = false;
  // without a listener an error of the connection would end the process
  readonly #onError = (error: Error): void => this.#logger?.debug("redis", { error });

  constructor(
    where: RedisWhere,
    deps: { readonly logger?: Logger | undefined; readonly clock?: Clock | undefined } = {},
  ) {
    this.#where = where;
    this.#logger = deps.logger;
    this.#clock = deps.clock ?? systemClock;
  }

  /** The adapter of keyv, once the first attempt to connect is over. */
  adapter(): RedisAdapter | Promise<RedisAdapter> {
    return this.#ready ?? (this.#adapter ??= this.#open());
  }

  /** Closes the client, unless it was handed over; also one that is still connecting. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#own) closeClient(this.#own);
    else this.#where.client?.off("error", this.#onError);
  }

  async #open(): Promise<RedisAdapter> {
    try {
      const { default: KeyvRedis, createClient } = await importPeer(
        "@keyv/redis",
        () => import("@keyv/redis"),
        { for: "a cache over Redis" },
      );
      const client =
        this.#where.client ??
        (this.#own = createClient({
          url: this.#where.url,
          disableOfflineQueue: true,
          socket: {
            connectTimeout: attemptMs,
            reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, longestReconnectMs),
          },
        }) as unknown as RedisClient);
      client.on("error", this.#onError);
      const adapter = new KeyvRedis(client as never, {
        throwOnErrors: true,
        throwOnConnectError: true,
      });
      adapter.on("error", () => {});
      if (!client.isOpen && !this.#closed) await firstAttempt(client, this.#clock);
      this.#ready = adapter as unknown as RedisAdapter;
      return this.#ready;
    } catch (error) {
      this.#adapter = undefined;
      throw error;
    }
  }
}

/**
 * Resolves when the client is connected, has failed once, was closed, or hangs: a server that is frozen takes the connection, and then
 * answers nothing. It goes on trying by itself.
 */
export async function firstAttempt(client: RedisClient, clock: Clock): Promise<void> {
  const outcome = deferred();
  const done = (): void => outcome.resolve();
  client.on("ready", done);
  client.on("error", done);
  client.on("end", done);
  const cancel = clock.setTimeout(done, attemptMs, { unref: true });
  // it resolves late, and what it rejects with has been an event before
  client.connect().catch(() => {});
  await outcome.promise;
  cancel();
  client.off("ready", done);
  client.off("error", done);
  client.off("end", done);
}

/** Closes a client whatever state it is in. */
export function closeClient(client: RedisClient): void {
  if (client.isOpen) client.destroy();
}
