import type { ClientEvents, Farewell, Welcome, WireError } from "../gateway/protocol.js";
import { askGateway, type ClientSocket, type RequestOf, type ValueOf } from "./ask-gateway.js";
import { PubSubClientError } from "./client-error.js";

/** Options of `PubSubClient`. */
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

/** Who the link is for. */
export interface LinkHandler {
  /** Takes what a new socket brings. */
  listen(socket: ClientSocket): void;
  welcomed(): void;
  ended(): void;
  tell(event: ClientEvent): void;
}

const longestReconnectMs = 5_000;
const renewBeforeMs = 10_000;

/** One connection after the other to one of the gateways, until it is ended. */
export class GatewayLink {
  readonly timeoutMs: number;
  readonly #options: PubSubClientOptions;
  readonly #handler: LinkHandler;
  readonly #urls: readonly string[];
  #state: ClientState = "connecting";
  #socket: ClientSocket | undefined;
  #welcome: Welcome | undefined;
  #farewell: Farewell | undefined;
  #ended: WireError | undefined;
  #waiting: (() => void)[] = [];
  #attempt = 0;
  #at = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #renew: ReturnType<typeof setTimeout> | undefined;

  /** @throws RangeError when there is no URL. */
  constructor(options: PubSubClientOptions, handler: LinkHandler) {
    this.#options = options;
    this.#handler = handler;
    this.#urls = typeof options.url === "string" ? [options.url] : options.url;
    if (this.#urls.length === 0)
      throw new RangeError("url must name at least one gateway, got none");
    this.timeoutMs = options.timeoutMs ?? 5_000;
    void this.#connect();
  }

  get state(): ClientState {
    return this.#state;
  }

  get welcome(): Welcome | undefined {
    return this.#welcome;
  }

  get url(): string {
    return this.#urls[this.#at % this.#urls.length]!;
  }

  get socket(): ClientSocket | undefined {
    return this.#socket;
  }

  /** Resolves when it is connected. @throws PubSubClientError when the gateway refuses it, or it is closed. */
  async connected(): Promise<void> {
    while (this.#state !== "connected") {
      this.checkOpen();
      await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    }
  }

  /** @throws PubSubClientError when it is closed. */
  checkOpen(): void {
    if (this.#state !== "closed") return;
    const message = "the client is closed";
    throw new PubSubClientError(
      this.#ended ?? { code: "ERR_PUBSUB_CLIENT_CLOSED", message, retryable: false },
    );
  }

  ask<Name extends keyof ClientEvents>(
    name: Name,
    request: RequestOf<Name>,
    timeoutMs: number = this.timeoutMs,
  ): Promise<ValueOf<Name>> {
    return askGateway(this.#socket, name, request, timeoutMs);
  }

  end(reason: string, error?: WireError): void {
    if (this.#state === "closed") return;
    clearTimeout(this.#retry);
    clearTimeout(this.#renew);
    this.#ended = error;
    this.#become("closed", reason);
    this.#socket?.disconnect();
    this.#socket = undefined;
    this.#handler.ended();
  }

  async #connect(): Promise<void> {
    if (this.#state === "closed") return;
    this.#become("connecting");
    try {
      const io = await this.#io();
      if (!io) return;
      const token = await this.#token();
      if ((this.#state as ClientState) === "closed") return;
      const socket = io(this.url, {
        path: this.#options.path ?? "/realtime",
        transports: [...(this.#options.transports ?? ["websocket"])],
        // which gateway comes next, and with which credential, is decided here
        reconnection: false,
        forceNew: true,
        timeout: this.timeoutMs,
        ...this.#options.socketOptions,
        auth: { ...(token !== undefined && { token }) },
      }) as unknown as ClientSocket;
      this.#socket = socket;
      this.#listen(socket);
      this.#handler.listen(socket);
    } catch (error) {
      this.#again(String(error));
    }
  }

  /** Nothing when it is not installed: it won't be there at the next attempt either. */
  async #io(): Promise<typeof import("socket.io-client").io | undefined> {
    try {
      return (await import("socket.io-client")).io;
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== "ERR_MODULE_NOT_FOUND") throw error;
      const message =
        "PubSubClient needs the package socket.io-client, which is not installed: npm i socket.io-client";
      this.end(message, { code: "ERR_PEER_MISSING", message, retryable: false });
      return undefined;
    }
  }

  #listen(socket: ClientSocket): void {
    const current = (): boolean => this.#socket === socket;
    socket.on("welcome", (welcome) => {
      if (current()) this.#welcomed(welcome);
    });
    socket.on("credential", ({ userId, expiresAt }) => {
      // what is not there any more has not come
      if (this.#welcome) this.#welcome = { ...this.#welcome, userId, expiresAt };
      this.#renewLater(expiresAt);
    });
    socket.on("bye", (farewell) => {
      this.#farewell = farewell;
      this.#handler.tell({ type: "farewell", farewell });
    });
    socket.on("disconnect", (reason) => {
      if (current()) this.#lost(reason);
    });
    socket.on("connect_error", (error: Error & { data?: WireError }) => {
      if (!current()) return;
      const { data } = error;
      // what was refused for good is refused again
      if (data && !data.retryable && !this.#hasFreshToken) return this.end(data.message, data);
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
    this.#handler.welcomed();
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
      return this.end(farewell.message);
    }
    if (farewell?.reason === "credential" && !this.#hasFreshToken)
      return this.end(farewell.message);
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
        .then((token) => (token === undefined ? undefined : this.ask("credential", token)))
        // then it ends, and connects anew
        .catch((error: unknown) => this.#handler.tell({ type: "listener-failed", error }));
    }, inMs);
  }

  async #token(): Promise<string | undefined> {
    const { token } = this.#options;
    return typeof token === "function" ? token() : token;
  }

  #become(state: ClientState, reason?: string): void {
    if (this.#state === state) return;
    this.#state = state;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const each of waiting) each();
    this.#handler.tell({ type: "state", state, reason });
  }
}
