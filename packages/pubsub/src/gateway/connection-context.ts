import type { Clock, Logger } from "@infra/interfaces";
import type { Socket } from "socket.io";

import type { GatewayAuth } from "./gateway-auth.js";
import type { GatewayEvent } from "./gateway-events.js";
import type { ResolvedGatewayOptions } from "./gateway-options.js";
import type { PresenceDirectory } from "./presence.js";
import type { ClientEvents, GatewayEvents } from "./protocol.js";
import type { GatewayPubSub } from "./topic-feed.js";
import type { TopicFeeds } from "./topic-feeds.js";

/** What connections share. */
export interface ConnectionContext {
  readonly options: ResolvedGatewayOptions;
  readonly pubsub: GatewayPubSub;
  readonly feeds: TopicFeeds;
  readonly auth: GatewayAuth;
  readonly presence: PresenceDirectory;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tell: (event: GatewayEvent) => void;
  readonly received: () => void;
  /** How many there are on this node, of every kind. */
  readonly connections: () => number;
  /** How many orders of `GatewayControl` came so far. */
  readonly orders: () => number;
}

/** A socket of socket.io, with the events of the gateway. */
export type GatewaySocket = Socket<ClientEvents, GatewayEvents>;
