import {
  defineErrors,
  ForbiddenError,
  InternalError,
  RateLimitedError,
  shape,
  TimeoutError,
  UnauthenticatedError,
  UnavailableError,
  ValidationError,
} from "@infra/errors";

/** The errors of this package. */
export const pubsubErrors = defineErrors({
  UnsupportedMessageError: {
    code: "ERR_PUBSUB_UNSUPPORTED_MESSAGE",
    when: "A message is not plain JSON: a function, a `bigint`, `NaN`, an instance of a class, a circle; `details.path` says where.",
    extends: InternalError,
    details: shape<{ readonly path: string }>(),
  },
  InvalidMessageError: {
    code: "ERR_PUBSUB_INVALID_MESSAGE",
    when: "A message is not what its topic's schema wants.",
    extends: ValidationError,
  },
  MessageTooLargeError: {
    code: "ERR_PUBSUB_MESSAGE_TOO_LARGE",
    when: "A message takes more than `maxMessageBytes`.",
    extends: InternalError,
    status: 413,
    details: shape<{ readonly bytes: number; readonly maxMessageBytes: number }>(),
  },
  CursorLostError: {
    code: "ERR_PUBSUB_CURSOR_LOST",
    when: "What came after a cursor is no longer kept, or the cursor is of another log: read the state anew, and begin without one.",
    extends: InternalError,
    status: 410,
    details: shape<{ readonly topic: string; readonly cursor: string }>(),
  },
  NotDurableError: {
    code: "ERR_PUBSUB_NOT_DURABLE",
    when: "A cursor was given for a topic whose messages are not kept: `durable` does not name it.",
    extends: InternalError,
    details: shape<{ readonly topic: string }>(),
  },
  PubSubUnavailableError: {
    code: "ERR_PUBSUB_UNAVAILABLE",
    when: 'The engine can\'t be reached: for a durable topic always, for others with `failure: "throw"`.',
    extends: UnavailableError,
  },
  PubSubStoppedError: {
    code: "ERR_PUBSUB_STOPPED",
    when: "It was used after `stop()`.",
    extends: UnavailableError,
  },
  TopicDeniedError: {
    code: "ERR_PUBSUB_TOPIC_DENIED",
    when: "A client may not do this with this topic: no rule allows it.",
    extends: ForbiddenError,
    details: shape<{ readonly topic: string; readonly action: string }>(),
  },
  CredentialError: {
    code: "ERR_PUBSUB_CREDENTIAL",
    when: "A client showed no credential, or one that does not hold (any more).",
    extends: UnauthenticatedError,
  },
  ClientRateError: {
    code: "ERR_PUBSUB_CLIENT_RATE",
    when: "A client sends more messages than `inboundRate` allows.",
    extends: RateLimitedError,
  },
  TooManyError: {
    code: "ERR_PUBSUB_TOO_MANY",
    when: "A limit is reached: connections of a node or a user, topics of a connection; `details.limit` names it.",
    extends: UnavailableError,
    details: shape<{ readonly limit: string; readonly most: number }>(),
  },
  AckTimeoutError: {
    code: "ERR_PUBSUB_ACK_TIMEOUT",
    when: "The other side did not answer in time.",
    extends: TimeoutError,
  },
});

/** A message is not plain JSON; `details.path` says where in it. */
export const UnsupportedMessageError = pubsubErrors.classes.UnsupportedMessageError;
export type UnsupportedMessageError = InstanceType<typeof UnsupportedMessageError>;

/** A message is not what its topic's schema wants; `issues` says why. */
export const InvalidMessageError = pubsubErrors.classes.InvalidMessageError;
export type InvalidMessageError = InstanceType<typeof InvalidMessageError>;

/** A message is larger than `maxMessageBytes`. */
export const MessageTooLargeError = pubsubErrors.classes.MessageTooLargeError;
export type MessageTooLargeError = InstanceType<typeof MessageTooLargeError>;

/** What came after a cursor is no longer kept. */
export const CursorLostError = pubsubErrors.classes.CursorLostError;
export type CursorLostError = InstanceType<typeof CursorLostError>;

/** A cursor was given where messages are not kept. */
export const NotDurableError = pubsubErrors.classes.NotDurableError;
export type NotDurableError = InstanceType<typeof NotDurableError>;

/** The engine can't be reached now; the `cause` says why. */
export const PubSubUnavailableError = pubsubErrors.classes.PubSubUnavailableError;
export type PubSubUnavailableError = InstanceType<typeof PubSubUnavailableError>;

/** It was used after `stop()`. */
export const PubSubStoppedError = pubsubErrors.classes.PubSubStoppedError;
export type PubSubStoppedError = InstanceType<typeof PubSubStoppedError>;

/** A client may not do this with this topic. */
export const TopicDeniedError = pubsubErrors.classes.TopicDeniedError;
export type TopicDeniedError = InstanceType<typeof TopicDeniedError>;

/** A client's credential does not hold. */
export const CredentialError = pubsubErrors.classes.CredentialError;
export type CredentialError = InstanceType<typeof CredentialError>;

/** A client sends too much. */
export const ClientRateError = pubsubErrors.classes.ClientRateError;
export type ClientRateError = InstanceType<typeof ClientRateError>;

/** A limit is reached. */
export const TooManyError = pubsubErrors.classes.TooManyError;
export type TooManyError = InstanceType<typeof TooManyError>;

/** The other side did not answer in time. */
export const AckTimeoutError = pubsubErrors.classes.AckTimeoutError;
export type AckTimeoutError = InstanceType<typeof AckTimeoutError>;
