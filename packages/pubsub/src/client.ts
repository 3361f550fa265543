export { PubSubClientError } from "./client/client-error.js";
export type {
  ClientGap,
  ClientListener,
  ClientSubscribeOptions,
  ClientSubscription,
} from "./client/client-subscription.js";
export type { ClientEvent, ClientState, PubSubClientOptions } from "./client/gateway-link.js";
export { PubSubClient } from "./client/pubsub-client.js";
export type { Farewell, PresenceMember } from "./gateway/protocol.js";
