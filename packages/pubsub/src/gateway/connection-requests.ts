import type { Principal } from "@infra/interfaces";

import { ClientRateError } from "../errors.js";
import { checkMessage } from "../schema-check.js";
import type { ConnectionContext, GatewaySocket } from "./connection-context.js";
import type { ConnectionTopics } from "./connection-topics.js";
import type { HeldCredential } from "./held-credential.js";
import type {
  ClientEvents,
  PublishRequest,
  SubscribeAnswer,
  SubscribeRequest,
} from "./protocol.js";
import { TokenBucket } from "./token-bucket.js";
import { toWireError } from "./wire-error.js";

/** The connection that asks. */
export interface RequestingConnection {
  readonly socket: GatewaySocket;
  readonly closed: boolean;
  readonly held: HeldCredential;
  readonly topics: ConnectionTopics;
}

/** Does what a client asks for, and answers. */
export class ConnectionRequests {
  readonly #connection: RequestingConnection;
  readonly #context: ConnectionContext;
  readonly #bucket: TokenBucket;

  constructor(connection: RequestingConnection, context: ConnectionContext) {
    this.#connection = connection;
    this.#context = context;
    const rate = context.options.inboundRate;
    this.#bucket = new TokenBucket({ burst: rate, perSecond: rate }, context.clock);
  }

  listen(): void {
    const { held } = this.#connection;
    this.#answer("subscribe", (request) => this.#subscribe(request));
    this.#answer("unsubscribe", async (topic) => this.#unsubscribe(topic));
    this.#answer("publish", (request) => this.#publish(request));
    this.#answer("presence", (topic) => this.#members(topic));
    this.#answer("credential", async (token) => {
      await held.renew(token);
      return { expiresAt: held.principal?.expiresAt };
    });
  }

  #answer<Name extends keyof ClientEvents>(
    name: Name,
    work: (request: Parameters<ClientEvents[Name]>[0]) => Promise<object>,
  ): void {
    const { options, logger } = this.#context;
    const handle = (request: Parameters<ClientEvents[Name]>[0], answer: unknown): void => {
      const reply = typeof answer === "function" ? (answer as (value: unknown) => void) : () => {};
      if (this.#bucket.take() < 0) {
        const error = new ClientRateError(`more than ${options.inboundRate} messages a second`);
        return reply({ ok: false, error: toWireError(error) });
      }
      work(request).then(
        (value) => reply({ ok: true, ...value }),
        (error: unknown) => {
          const known = toWireError(error);
          if (known.code === "ERR_INTERNAL") logger.error(`${name} failed`, { error });
          reply({ ok: false, error: known });
        },
      );
    };
    const { socket } = this.#connection;
    (socket as { on(event: string, listener: typeof handle): unknown }).on(name, handle);
  }

  async #subscribe(request: SubscribeRequest): Promise<SubscribeAnswer> {
    const { auth, presence } = this.#context;
    const { held, topics } = this.#connection;
    const { topic, after, data } = isObject(request) ? request : ({} as SubscribeRequest);
    const wantsPresence = isObject(request) && request.presence === true;
    let asked: Principal | undefined | symbol = Symbol("nobody yet");
    const check = async (): Promise<void> => {
      while (asked !== held.principal) {
        asked = held.principal;
        await auth.check({ principal: asked, action: "subscribe", topic });
        if (wantsPresence) await auth.check({ principal: asked, action: "presence", topic });
      }
    };
    await check();
    const position = typeof after === "string" ? after : undefined;
    const answer = await topics.begin(topic, position, check);
    if (!wantsPresence) return answer;
    if (!this.#connection.closed) topics.enter(topic, held.principal, data);
    return { ...answer, members: presence.members(topic) };
  }

  #unsubscribe(topic: unknown): object {
    if (typeof topic === "string") this.#connection.topics.drop(topic);
    return {};
  }

  async #publish(request: PublishRequest): Promise<object> {
    const { auth, options, pubsub, received } = this.#context;
    const { principal } = this.#connection.held;
    const { topic, message } = isObject(request) ? request : { topic: "", message: undefined };
    await auth.check({ principal, action: "publish", topic });
    const known = options.topics.find(({ name }) => name === topic);
    const checked = await checkMessage(known?.schema, topic, message);
    received();
    await pubsub.publish<unknown>(topic, checked);
    return {};
  }

  async #members(topic: string): Promise<object> {
    const { auth, presence } = this.#context;
    const { principal } = this.#connection.held;
    await auth.check({ principal, action: "presence", topic });
    return { members: presence.members(topic) };
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
