// What the gateway and its client say to each other: events of socket.io, and the answers to them. No code of Node.js here:
// browsers load it.

/** Why something was refused. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}

/** An answer to what a client asked for. */
export type WireAnswer<T> =
  | ({ readonly ok: true } & T)
  | { readonly ok: false; readonly error: WireError };

/** Someone who is subscribed, as others see it. */
export interface PresenceMember {
  /** The account's id. */
  readonly id: string;
  /** What the client said of itself. */
  readonly data?: unknown;
}

/** Someone came or left. */
export interface PresenceChange {
  readonly type: "join" | "leave";
  readonly member: PresenceMember;
}

export interface SubscribeRequest {
  readonly topic: string;
  /** What was seen last: the id of a message, or its cursor where messages are kept. */
  readonly after?: string | undefined;
  /** Whether to be seen by others, and see them. */
  readonly presence?: boolean | undefined;
  /** What others shall see. */
  readonly data?: unknown;
}

export interface SubscribeAnswer {
  /** Where the subscription begins: what `after` may be. */
  readonly position: string;
  readonly durable: boolean;
  /** Why messages may have been missed since `after`; `undefined` when none were. */
  readonly gap?: string | undefined;
  readonly members?: readonly PresenceMember[] | undefined;
}

export interface PublishRequest {
  readonly topic: string;
  readonly message: unknown;
}

export interface Welcome {
  /** The connection's id. */
  readonly id: string;
  /** Whose it is; `undefined` for nobody. */
  readonly userId?: string | undefined;
  /** When the credential ends, in milliseconds since the epoch. */
  readonly expiresAt?: number | undefined;
  /** What a message of a client may take. */
  readonly maxBytes: number;
}

/** Why the gateway closes a connection. */
export interface Farewell {
  readonly reason:
    | "credential"
    | "disconnected"
    | "drain"
    | "flood"
    | "protocol"
    | "slow"
    | "too-large";
  readonly message: string;
  /** When to come back, in milliseconds; `undefined`: as after any loss, and after "disconnected" and "flood" not at all. */
  readonly reconnectInMs?: number | undefined;
}

/** What a client sends. */
export interface ClientEvents {
  subscribe: (
    request: SubscribeRequest,
    answer: (answer: WireAnswer<SubscribeAnswer>) => void,
  ) => void;
  unsubscribe: (topic: string, answer: (answer: WireAnswer<object>) => void) => void;
  publish: (request: PublishRequest, answer: (answer: WireAnswer<object>) => void) => void;
  presence: (
    topic: string,
    answer: (answer: WireAnswer<{ members: readonly PresenceMember[] }>) => void,
  ) => void;
  credential: (
    token: string,
    answer: (answer: WireAnswer<{ expiresAt?: number | undefined }>) => void,
  ) => void;
}

/** What the gateway sends. */
export interface GatewayEvents {
  welcome: (welcome: Welcome) => void;
  /** subscription, message, id, publishedAt, cursor, and the topic where the subscription is a pattern */
  m: (
    subscription: string,
    message: unknown,
    id: string,
    publishedAt: number,
    cursor?: string | null,
    topic?: string,
  ) => void;
  gap: (topic: string, reason: string, position: string) => void;
  /** A subscription was ended by the gateway. */
  denied: (topic: string, error: WireError) => void;
  presence: (topic: string, change: PresenceChange) => void;
  /** The credential was looked at again. */
  credential: (state: {
    readonly userId?: string | undefined;
    readonly expiresAt?: number | undefined;
  }) => void;
  bye: (farewell: Farewell) => void;
}
