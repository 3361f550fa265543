import type { Topic } from "@infra/interfaces";

import type { ClientEvents, Farewell, Welcome, WireError } from "../gateway/protocol.js";
import {
  askGateway,
  isLost,
  within,
  type ClientSocket,
  type RequestOf,
  type ValueOf,
} from "./ask-gateway.js";
import { PubSubClientError } from "./client-error.js";
import {
  ClientSubscription,
  type ClientListener,
  type ClientSubscribeOptions,
} from "./client-subscription.js";

/** Options of {@link PubSubClient}. */
export interface PubSubClientOptions {
  /** Where the gateway is: `https://app.example`. Of several, the next one is tried when one can't be reached or stops. */
  readonly url: string | readonly string[];
  /** The path of the gateway. @default "/realtime" */
  readonly path?: string;
  /** The credential, or what gets it: asked at each connection, and before it ends. */
  readonly token?: string | (() => string | undefined | Promise<string | undefined>);
  /** @default ["websocket"] */
  readonly transports?: readonly ("websocket" | "polling")[];
  /** How long the gateway may take to answer, in milliseconds. @default 5000 */
  readonly timeoutMs?: number;
  /** How long to wait before the first attempt to connect again; doubled each time, up to 5 s. @default 200 */
  readonly reconnectMs?: number;
  /** Options of `io()` of socket.io-client that have no name here. */
  readonly socketOptions?: Readonly<Record<string, unknown>>;
}

/** How a client stands. */
export type ClientState = "connecting" | "connected" | "disconnected" | "closed";

/** What happens in a client. */
export type ClientEvent =
  | { readonly type: "state"; readonly state: ClientState; readonly reason?: string | undefined }
  | { readonly type: "farewell"; readonly farewell: Farewell }
  | { readonly type: "listener-failed"; readonly error: unknown };

const longestReconnectMs = 5_000;
const renewBeforeMs = 10_000;

/**
 * A client of the gateway, for browsers and Node.js. It connects when it is made, and again when the connection is lost;
 * subscriptions go on after what they saw last.
 */
export class PubSubClient {
  readonly #options: PubSubClientOptions;
  readonly #urls: readonly string[];
  readonly #timeoutMs: number;
  readonly #subscriptions = new Map<string, ClientSubscription>();
  readonly #listeners = new Set<(event: ClientEvent) => void>();
  #state: ClientState = "connecting";
  #socket: ClientSocket | undefined;
  #welcome: Welcome | undefined;
  #waiting: (() => void)[] = [];
  #attempt = 0;
  #at = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #renew: ReturnType<typeof setTimeout> | undefined;
  #farewell: Farewell | undefined;

  constructor(options: PubSubClientOptions) {
    this.#options = options;
    this.#urls = typeof options.url === "string" ? [options.url] : options.url;
    if (this.#urls.length === 0)
      throw new RangeError("url must name at least one gateway, got none");
    this.#timeoutMs = options.timeoutMs ?? 5_000;
    void this.#connect();
  }

  get state(): ClientState {
    return this.#state;
  }

  /** Whose connection the gateway says it is; `undefined` for nobody, or while it is not connected. */
  get userId(): string | undefined {
    return this.#welcome?.userId;
  }

  /** The gateway that it is connected to, or tries. */
  get url(): string {
    return this.#urls[this.#at % this.#urls.length]!;
  }

  /** socket.io-client's `Socket`, for everything that has no method here. */
  get socket(): unknown {
    return this.#socket;
  }

  /** Resolves when it is connected. @throws PubSubClientError when the gateway refuses it, or it is closed. */
  async connected(): Promise<void> {
    while (this.#state !== "connected") {
      if (this.#state === "closed") throw this.#closedError();
      await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    }
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
    if (this.#state === "closed") throw this.#closedError();
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
    { timeoutMs = this.#timeoutMs }: { readonly timeoutMs?: number } = {},
  ): Promise<void> {
    const name = typeof topic === "string" ? topic : topic.name;
    const started = Date.now();
    await within(this.connected(), timeoutMs);
    const { maxBytes } = this.#welcome ?? { maxBytes: Infinity };
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
    await this.#ask("publish", { topic: name, message }, leftMs);
  }

  /** Calls back at each change of the state, and at what goes wrong; what it returns ends that. */
  onEvent(listener: (event: ClientEvent) => void): () => void {
    const own = (event: ClientEvent): void => listener(event);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** Ends the connection and all subscriptions. */
  async close(): Promise<void> {
    this.#end("closed by the client");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #connect(): Promise<void> {
    if (this.#state === "closed") return;
    this.#become("connecting");
    try {
      const { io } = await import("socket.io-client");
      const token = await this.#token();
      if ((this.#state as ClientState) === "closed") return;
      const socket = io(this.url, {
        path: this.#options.path ?? "/realtime",
        transports: [...(this.#options.transports ?? ["websocket"])],
        // which gateway comes next, and with which credential, is decided here
        reconnection: false,
        forceNew: true,
        timeout: this.#timeoutMs,
        ...this.#options.socketOptions,
        auth: { ...(token !== undefined && { token }) },
      }) as unknown as ClientSocket;
      this.#socket = socket;
      this.#listen(socket);
    } catch (error) {
      this.#again(String(error));
    }
  }

  #listen(socket: ClientSocket): void {
    const current = (): boolean => this.#socket === socket;
    socket.on("welcome", (welcome) => {
      if (current()) this.#welcomed(welcome);
    });
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
    socket.on("credential", (state) => {
      const { userId, expiresAt } = state;
      // what is not there any more has not come
      if (this.#welcome) this.#welcome = { ...this.#welcome, userId, expiresAt };
      this.#renewLater(expiresAt);
    });
    socket.on("bye", (farewell) => {
      this.#farewell = farewell;
      this.#tell({ type: "farewell", farewell });
    });
    socket.on("disconnect", (reason) => {
      if (current()) this.#lost(reason);
    });
    socket.on("connect_error", (error: Error & { data?: WireError }) => {
      if (!current()) return;
      const { data } = error;
      // what was refused for good is refused again
      if (data && !data.retryable && !this.#hasFreshToken) {
        socket.disconnect();
        return this.#end(data.message, data);
      }
      this.#lost(data?.message ?? error.message);
    });
  }

  get #hasFreshToken(): boolean {
    // a function may have a better one, but not for ever
    return typeof this.#options.token === "function" && this.#attempt < 3;
  }

  #welcomed(welcome: Welcome): void {
    this.#welcome = welcome;
    this.#attempt = 0;
    this.#farewell = undefined;
    this.#become("connected");
    this.#renewLater(welcome.expiresAt);
    for (const subscription of this.#subscriptions.values()) {
      if (!subscription.begun) continue;
      this.#begin(subscription).catch((error: unknown) => {
        if (isLost(error)) return;
        const known = error as PubSubClientError;
        this.#deny(subscription.topic, {
          code: known.code ?? "ERR_INTERNAL",
          message: known.message,
          retryable: known.retryable ?? false,
        });
      });
    }
  }

  async #begin(subscription: ClientSubscription): Promise<void> {
    // sending again what was missed may take longer than an answer
    const answer = await this.#ask("subscribe", subscription.request(), this.#timeoutMs * 6);
    subscription.began(answer);
  }

  #lost(reason: string): void {
    const farewell = this.#farewell;
    this.#farewell = undefined;
    this.#socket?.disconnect();
    this.#socket = undefined;
    this.#welcome = undefined;
    clearTimeout(this.#renew);
    if (this.#state === "closed") return;
    if (farewell?.reason === "disconnected" || farewell?.reason === "flood") {
      return this.#end(farewell.message);
    }
    if (farewell?.reason === "credential" && !this.#hasFreshToken)
      return this.#end(farewell.message);
    if (farewell?.reason === "drain") this.#at += 1;
    this.#again(farewell?.message ?? reason, farewell?.reconnectInMs);
  }

  #again(reason: string, inMs?: number): void {
    if (this.#state === "closed") return;
    this.#become("disconnected", reason);
    const { reconnectMs = 200 } = this.#options;
    const backoffMs = Math.min(longestReconnectMs, reconnectMs * 2 ** this.#attempt);
    this.#attempt += 1;
    // the others are reached sooner than this one comes back
    if (inMs === undefined) this.#at += 1;
    const delayMs = inMs ?? backoffMs * (0.5 + Math.random() / 2);
    this.#retry = setTimeout(() => void this.#connect(), delayMs);
  }

  /** A new credential before the old one ends. */
  #renewLater(expiresAt: number | undefined): void {
    clearTimeout(this.#renew);
    if (expiresAt === undefined || typeof this.#options.token !== "function") return;
    const leftMs = expiresAt - Date.now();
    const inMs = Math.max(leftMs / 2, leftMs - renewBeforeMs);
    if (inMs > 2 ** 31 - 1) return;
    this.#renew = setTimeout(() => {
      this.#token()
        .then((token) =>
          token === undefined ? undefined : this.#ask("credential", token, this.#timeoutMs),
        )
        // then it ends, and connects anew
        .catch((error: unknown) => this.#tell({ type: "listener-failed", error }));
    }, inMs);
  }

  async #token(): Promise<string | undefined> {
    const { token } = this.#options;
    return typeof token === "function" ? token() : token;
  }

  #ask<Name extends keyof ClientEvents>(
    name: Name,
    request: RequestOf<Name>,
    timeoutMs: number,
  ): Promise<ValueOf<Name>> {
    return askGateway(this.#socket, name, request, timeoutMs);
  }

  async #unsubscribe(subscription: ClientSubscription): Promise<void> {
    if (this.#subscriptions.get(subscription.topic) !== subscription) return;
    this.#subscriptions.delete(subscription.topic);
    await this.#ask("unsubscribe", subscription.topic, this.#timeoutMs).catch((error: unknown) => {
      // with the connection goes the subscription
      if (!isLost(error)) throw error;
    });
  }

  #deny(topic: string, error: WireError): void {
    const subscription = this.#subscriptions.get(topic);
    this.#subscriptions.delete(topic);
    subscription?.denied(error);
  }

  #end(reason: string, error?: WireError): void {
    if (this.#state === "closed") return;
    clearTimeout(this.#retry);
    clearTimeout(this.#renew);
    this.#ended = error;
    this.#become("closed", reason);
    this.#socket?.disconnect();
    this.#socket = undefined;
    this.#subscriptions.clear();
  }

  #ended: WireError | undefined;

  #closedError(): PubSubClientError {
    const message = "the client is closed";
    return new PubSubClientError(
      this.#ended ?? { code: "ERR_PUBSUB_CLIENT_CLOSED", message, retryable: false },
    );
  }

  #become(state: ClientState, reason?: string): void {
    if (this.#state === state) return;
    this.#state = state;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const each of waiting) each();
    this.#tell({ type: "state", state, reason });
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
