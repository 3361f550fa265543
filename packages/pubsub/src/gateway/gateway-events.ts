import type { GatewayAction } from "./gateway-options.js";
import type { Farewell } from "./protocol.js";

/** What happens in a `GatewayService`. */
export type GatewayEvent =
  | { readonly type: "connected"; readonly connection: string; readonly userId: string | undefined }
  | {
      readonly type: "disconnected";
      readonly connection: string;
      readonly userId: string | undefined;
      readonly reason: string;
    }
  | { readonly type: "refused"; readonly reason: string; readonly origin?: string | undefined }
  | ({ readonly type: "denied"; readonly reason: string } & GatewayAction)
  | { readonly type: "slow"; readonly connection: string; readonly pendingBytes: number }
  | { readonly type: "closed"; readonly connection: string; readonly reason: Farewell["reason"] }
  | { readonly type: "gap"; readonly topic: string; readonly reason: string };

/** What `GatewayService.stats()` gives: counts since the start, but for the first two. */
export interface GatewayStats {
  readonly connections: number;
  readonly topics: number;
  /** Messages that clients published. */
  readonly received: number;
  /** Messages that came for clients of this node, each counted once. */
  readonly heard: number;
  /** Connections that were refused. */
  readonly refused: number;
  /** What clients wanted and may not. */
  readonly denied: number;
  /** How often a client read too slowly. */
  readonly slow: number;
  /** Connections that the gateway closed. */
  readonly closed: number;
}
