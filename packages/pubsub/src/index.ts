export { pubsubConfig } from "./config.js";
export type { EngineCallOptions, EngineHandler, PubSubEngine } from "./engine.js";
export type { Retention, StoredPage } from "./engine.js";
export type { Envelope, Place, Position } from "./envelope.js";
export {
  AckTimeoutError,
  ClientRateError,
  CredentialError,
  CursorLostError,
  InvalidMessageError,
  MessageTooLargeError,
  NotDurableError,
  pubsubErrors,
  PubSubStoppedError,
  PubSubUnavailableError,
  TooManyError,
  TopicDeniedError,
  UnsupportedMessageError,
} from "./errors.js";
export type { Gap, PubSubEvent } from "./pubsub-events.js";
export type { PubSubOptions } from "./pubsub-options.js";
export { PubSubService, type PubSubDependencies } from "./pubsub-service.js";
export type { PubSubCounts, PubSubStats } from "./pubsub-stats.js";
export type { History, HistoryOptions, KeptMessage } from "./read-history.js";
export { defineTopic, type DefineTopicOptions } from "./topic.js";
