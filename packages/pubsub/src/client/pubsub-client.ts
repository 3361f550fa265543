import type { Topic } from "@infra/interfaces";

import type { WireError } from "../gateway/protocol.js";
import { isLost, within, type ClientSocket } from "./ask-gateway.js";
import { PubSubClientError } from "./client-error.js";
import {
  ClientSubscription,
  type ClientListener,
  type ClientSubscribeOptions,
} from "./client-subscription.js";
import {
  GatewayLink,
  type ClientEvent,
  type ClientState,
  type PubSubClientOptions,
} from "./gateway-link.js";

const resumeEveryMs = 1_000;

/**
 * A client of the gateway, for browsers and Node.js. It connects when it is made, and again when the connection is lost;
 * subscriptions go on after what they saw last.
 */
export class PubSubClient {
  readonly #link: GatewayLink;
  readonly #subscriptions = new Map<string, ClientSubscription>();
  readonly #listeners = new Set<(event: ClientEvent) => void>();

  /** @throws RangeError when `url` names no gateway. */
  constructor(options: PubSubClientOptions) {
    this.#link = new GatewayLink(options, {
      listen: (socket) => this.#listen(socket),
      welcomed: () => this.#goOn(),
      ended: () => this.#subscriptions.clear(),
      tell: (event) => this.#tell(event),
    });
  }

  get state(): ClientState {
    return this.#link.state;
  }

  /** Whose connection the gateway says it is; `undefined` for nobody, or while it is not connected. */
  get userId(): string | undefined {
    return this.#link.welcome?.userId;
  }

  /** The gateway that it is connected to, or tries. */
  get url(): string {
    return this.#link.url;
  }

  /** socket.io-client's `Socket`, for everything that has no method here. */
  get socket(): unknown {
    return this.#link.socket;
  }

  /** Resolves when it is connected. @throws PubSubClientError when the gateway refuses it, or it is closed. */
  connected(): Promise<void> {
    return this.#link.connected();
  }

  /**
   * Listens to a topic; once for each topic. Resolves when messages will be heard.
   *
   * @throws PubSubClientError when the gateway does not allow it: `ERR_PUBSUB_TOPIC_DENIED`, `ERR_PUBSUB_TOO_MANY`.
   */
  async subscribe<Message>(
    topic: Topic<Message> | string,
    listener: ClientListener<NoInfer<Message>>,
    options: ClientSubscribeOptions = {},
  ): Promise<ClientSubscription<NoInfer<Message>>> {
    const name = typeof topic === "string" ? topic : topic.name;
    this.#link.checkOpen();
    if (this.#subscriptions.has(name))
      throw new RangeError(`topic ${name} is subscribed to already`);
    const subscription = new ClientSubscription<NoInfer<Message>>(name, listener, options, {
      unsubscribe: (each) => this.#unsubscribe(each),
      failed: (error) => this.#tell({ type: "listener-failed", error }),
    });
    const entry = subscription as ClientSubscription<never> as ClientSubscription;
    this.#subscriptions.set(name, entry);
    try {
      for (;;) {
        await this.connected();
        try {
          await this.#begin(entry);
          return subscription;
        } catch (error) {
          // the connection was lost meanwhile: the next one begins it anew
          if (!isLost(error)) throw error;
        }
      }
    } catch (error) {
      this.#subscriptions.delete(name);
      throw error;
    }
  }

  /**
   * Publishes, and resolves when the gateway has taken it. Waits for a connection, for `timeoutMs` altogether.
   *
   * @throws PubSubClientError when the gateway does not allow it, or does not answer in time: then it may have taken it.
   */
  async publish<Message>(
    topic: Topic<Message> | string,
    message: NoInfer<Message>,
    { timeoutMs = this.#link.timeoutMs }: { readonly timeoutMs?: number } = {},
  ): Promise<void> {
    const name = typeof topic === "string" ? topic : topic.name;
    const started = Date.now();
    await within(this.connected(), timeoutMs);
    const { maxBytes } = this.#link.welcome ?? { maxBytes: Infinity };
    // a larger one would close the connection
    const bytes = new TextEncoder().encode(JSON.stringify([name, message])).length + 100;
    if (bytes > maxBytes) {
      throw new PubSubClientError({
        code: "ERR_PUBSUB_MESSAGE_TOO_LARGE",
        message: `a message takes ${bytes} bytes, the gateway allows ${maxBytes}`,
        retryable: false,
      });
    }
    const leftMs = Math.max(1, timeoutMs - (Date.now() - started));
    await this.#link.ask("publish", { topic: name, message }, leftMs);
  }

  /** Calls back at each change of the state, and at what goes wrong; what it returns ends that. */
  onEvent(listener: (event: ClientEvent) => void): () => void {
    const own = (event: ClientEvent): void => listener(event);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** Ends the connection and all subscriptions. */
  async close(): Promise<void> {
    this.#link.end("closed by the client");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #listen(socket: ClientSocket): void {
    socket.on("m", (name, message, id, publishedAt, cursor, topic = name) => {
      this.#subscriptions
        .get(name)
        ?.take(message, { id, topic, publishedAt, cursor: cursor ?? undefined });
    });
    socket.on("gap", (topic, reason, position) =>
      this.#subscriptions.get(topic)?.gap(reason, position),
    );
    socket.on("presence", (topic, change) => this.#subscriptions.get(topic)?.presence(change));
    socket.on("denied", (topic, error) => this.#deny(topic, error));
  }

  /** Subscriptions begin anew on a new connection, after what they saw. */
  #goOn(): void {
    for (const subscription of this.#subscriptions.values())
      if (subscription.begun) void this.#resume(subscription);
  }

  async #resume(subscription: ClientSubscription): Promise<void> {
    const { socket } = this.#link;
    // until there is another connection, which resumes it by itself
    while (this.#link.socket === socket && !subscription.closed) {
      try {
        return await this.#begin(subscription);
      } catch (error) {
        if (isLost(error)) return;
        const { code, message, retryable } = error as PubSubClientError;
        if (!retryable) return this.#deny(subscription.topic, { code, message, retryable });
        await new Promise<void>((resolve) => void setTimeout(resolve, resumeEveryMs));
      }
    }
  }

  async #begin(subscription: ClientSubscription): Promise<void> {
    // sending again what was missed may take longer than an answer
    const timeoutMs = this.#link.timeoutMs * 6;
    subscription.began(await this.#link.ask("subscribe", subscription.request(), timeoutMs));
  }

  async #unsubscribe(subscription: ClientSubscription): Promise<void> {
    if (this.#subscriptions.get(subscription.topic) !== subscription) return;
    this.#subscriptions.delete(subscription.topic);
    await this.#link.ask("unsubscribe", subscription.topic).catch((error: unknown) => {
      // with the connection goes the subscription
      if (!isLost(error)) throw error;
    });
  }

  #deny(topic: string, error: WireError): void {
    const subscription = this.#subscriptions.get(topic);
    this.#subscriptions.delete(topic);
    subscription?.denied(error);
  }

  #tell(event: ClientEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (thrown) {
        // nobody is left to tell: as an event of the page, or of the process
        queueMicrotask(() => {
          throw thrown;
        });
      }
    }
  }
}
