import { importPeer } from "@infra/errors";

import type { GatewayAdapter } from "../gateway/gateway-adapter.js";
import {
  closeClient,
  createRedisClient,
  firstAttempt,
  type RedisClient,
  type RedisWhere,
} from "../redis-client.js";

/** Options of {@link RedisGatewayAdapter}. */
export type RedisGatewayAdapterOptions = RedisWhere & {
  /** The stream that nodes talk on. @default "socket.io" */
  readonly streamName?: string;
  /** What the stream keeps at the least. @default 10_000 */
  readonly maxLength?: number;
};

/** socket.io's adapter on a stream of Redis, `@socket.io/redis-streams-adapter`. */
export class RedisGatewayAdapter implements GatewayAdapter {
  readonly #options: RedisGatewayAdapterOptions;
  #client: RedisClient | undefined;

  constructor(options: RedisGatewayAdapterOptions) {
    this.#options = options;
  }

  /** @throws PeerMissingError (`ERR_PEER_MISSING`); what the first attempt to connect fails with. */
  async open(): Promise<unknown> {
    const { createAdapter } = await importPeer(
      "@socket.io/redis-streams-adapter",
      () => import("@socket.io/redis-streams-adapter"),
      { for: "RedisGatewayAdapter", install: "@socket.io/redis-streams-adapter redis" },
    );
    const { client, url, streamName, maxLength } = this.#options;
    // it asks again at once when it is refused: a client that does not wait would keep the process busy during an outage
    this.#client = client ?? (await createRedisClient(url, { disableOfflineQueue: false }));
    this.#client.on("error", () => {});
    if (!client) await firstAttempt(this.#client);
    return createAdapter(this.#client, {
      ...(streamName !== undefined && { streamName }),
      ...(maxLength !== undefined && { maxLen: maxLength }),
    });
  }

  /** Disconnects; a client that was handed over stays open. */
  async close(): Promise<void> {
    if (!this.#options.client) closeClient(this.#client);
    this.#client = undefined;
  }
}
