import { importPeer } from "@infra/errors";
import { deferred } from "@infra/promises";

/** A client of node-redis 5, as far as publish and subscribe go. */
export interface RedisClient {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  connect(): Promise<unknown>;
  destroy(): void;
  duplicate(options?: object): RedisClient;
  on(event: string, listener: (...args: never[]) => void): unknown;
  off(event: string, listener: (...args: never[]) => void): unknown;
  sendCommand(command: string[]): Promise<unknown>;
  ping(): Promise<unknown>;
  publish(channel: string, message: string): Promise<number>;
  subscribe(
    channel: string,
    listener: (message: string, channel: string) => void,
  ): Promise<unknown>;
  unsubscribe(
    channel: string,
    listener?: (message: string, channel: string) => void,
  ): Promise<unknown>;
  pSubscribe(
    pattern: string,
    listener: (message: string, channel: string) => void,
  ): Promise<unknown>;
  pUnsubscribe(
    pattern: string,
    listener?: (message: string, channel: string) => void,
  ): Promise<unknown>;
}

/** Where Redis is: its URL, or a connected client of node-redis 5, which is not closed. */
export type RedisWhere =
  | { readonly url: string; readonly client?: never }
  | { readonly client: RedisClient; readonly url?: never };

const longestReconnectMs = 500;

/**
 * A client that refuses a command at once while the connection is down, and tries to get it back twice a second.
 *
 * @throws PeerMissingError (`ERR_PEER_MISSING`) when `redis` is not installed.
 */
export async function createRedisClient(url: string, options: object = {}): Promise<RedisClient> {
  const { createClient } = await importPeer("redis", () => import("redis"), {
    for: "publish and subscribe over Redis",
  });
  return createClient({
    url,
    disableOfflineQueue: true,
    commandsQueueMaxLength: 100_000,
    socket: {
      connectTimeout: 2_000,
      reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, longestReconnectMs),
    },
    ...options,
  }) as unknown as RedisClient;
}

/** Resolves when the client is connected; rejects when it failed once, and goes on trying by itself. */
export async function firstAttempt(client: RedisClient): Promise<void> {
  if (client.isReady) return;
  const outcome = deferred();
  const done = (): void => outcome.resolve();
  const failed = (error: Error): void => outcome.reject(error);
  client.on("ready", done);
  client.on("error", failed);
  // it resolves late, and what it rejects with has been an event before
  if (!client.isOpen) client.connect().catch(() => {});
  try {
    await outcome.promise;
  } finally {
    client.off("ready", done);
    client.off("error", failed);
  }
}

/** Closes a client whatever state it is in. */
export function closeClient(client: RedisClient | undefined): void {
  if (client?.isOpen) client.destroy();
}
