export { gatewayConfig } from "./gateway/config.js";
export type { GatewayAdapter } from "./gateway/gateway-adapter.js";
export type { EventStreamOptions } from "./gateway/event-streams.js";
export type { GatewaySelection } from "./gateway/gateway-control.js";
export type { GatewayEvent, GatewayStats } from "./gateway/gateway-events.js";
export type {
  GatewayAction,
  GatewayHandshake,
  GatewayOptions,
  GatewayRule,
} from "./gateway/gateway-options.js";
export { GatewayService, type GatewayDependencies } from "./gateway/gateway-service.js";
export type { Farewell, PresenceChange, PresenceMember, WireError } from "./gateway/protocol.js";
export type { GatewayPubSub } from "./gateway/topic-feed.js";
