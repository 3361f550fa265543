import type { StandardSchema } from "./standard-schema.js";

/** A kind of message: parts with dots between them, `orders.created`. */
export interface Topic<Message = unknown> {
  readonly name: string;
  /** Checks and types messages, on both sides. */
  readonly schema?: StandardSchema<Message> | undefined;
  /** Carries the type; never set. */
  readonly message?: Message;
}

/** What a listener is told beside the message. */
export interface MessageContext {
  readonly id: string;
  /** The topic it was published on. */
  readonly topic: string;
  /** When, in milliseconds since the epoch. */
  readonly publishedAt: number;
  /** Where to go on after it, on an engine that keeps messages. */
  readonly cursor?: string | undefined;
  /** Aborted when the subscription ends. */
  readonly signal: AbortSignal;
}

/** A subscription that lasts until it is closed. */
export interface Subscription {
  /** Ends it, after the messages that are being handled; idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Options of `PubSub.subscribe`. */
export interface SubscribeOptions {
  /** Begins after this message rather than now; refused by an engine that keeps none. */
  readonly cursor?: string | undefined;
  /** Called when messages may have been missed: read the state anew. A listener of a topic that is kept misses none otherwise. */
  readonly onGap?:
    | ((gap: { readonly pattern: string; readonly reason: string }) => void)
    | undefined;
  /** Ends the subscription. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Messages to whoever listens, in this process or another. At most once, unless the engine keeps messages and a cursor is
 * given. One publisher's messages on one topic arrive in their order. Messages are plain JSON.
 */
export interface PubSub {
  /** Resolves when the message was handed over; who listens is not known. */
  publish<Message>(
    topic: Topic<Message> | string,
    message: NoInfer<Message>,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<void>;
  /**
   * Resolves when messages will be heard. In a topic that is text `*` stands for one part and a `#` at the end for any
   * further ones. A listener that throws is logged, and disturbs no other.
   */
  subscribe<Message>(
    topic: Topic<Message> | string,
    listener: (message: NoInfer<Message>, context: MessageContext) => void | Promise<void>,
    options?: SubscribeOptions,
  ): Promise<Subscription>;
}
