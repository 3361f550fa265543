export { PubSubClientError } from "./client/client-error.js";
export type {
  ClientGap,
  ClientListener,
  ClientSubscribeOptions,
  ClientSubscription,
} from "./client/client-subscription.js";
export {
  PubSubClient,
  type ClientEvent,
  type ClientState,
  type PubSubClientOptions,
} from "./client/pubsub-client.js";
export type { Farewell, PresenceMember } from "./gateway/protocol.js";
