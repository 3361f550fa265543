import type { IncomingMessage, ServerResponse } from "node:http";

import { InfraError } from "@infra/errors";
import type { Credential, Principal } from "@infra/interfaces";

import { CredentialError, TooManyError } from "../errors.js";
import type { ConnectionContext } from "./connection-context.js";
import { EventStream } from "./event-stream.js";
import { isSelected, type GatewayOrder, type GatewaySelection } from "./gateway-control.js";
import type { TopicFeed } from "./topic-feed.js";
import { checkUserLimit } from "./user-limit.js";
import { toWireError } from "./wire-error.js";

/** Options of `GatewayService.events`. */
export interface EventStreamOptions {
  /** The topics, instead of those of the query. They are authorised all the same. */
  readonly topics?: readonly string[];
  /** Whose request it is, where that is known already. @default what the credential says */
  readonly principal?: Principal | undefined;
}

const topicsAtMost = 20;

/** The clients that read over server-sent events. */
export class EventStreams {
  readonly #context: ConnectionContext;
  readonly #isStopping: () => boolean;
  readonly #streams = new Set<EventStream>();

  constructor(context: ConnectionContext, isStopping: () => boolean) {
    this.#context = context;
    this.#isStopping = isStopping;
  }

  get size(): number {
    return this.#streams.size;
  }

  async open(
    request: IncomingMessage,
    response: ServerResponse,
    options: EventStreamOptions,
  ): Promise<void> {
    const { options: limits, auth, connections, orders, presence, tell } = this.#context;
    const before = orders();
    try {
      if (this.#isStopping() || connections() >= limits.maxConnections) {
        throw new TooManyError("this node takes no more connections", {
          details: { limit: "maxConnections", most: limits.maxConnections },
        });
      }
      const credential = this.#credentialOf(request);
      const principal = options.principal ?? (await auth.principal(credential));
      checkUserLimit(principal, presence, limits.maxConnectionsPerUser);
      const topics = [...new Set(options.topics ?? topicsOf(request))];
      if (topics.length === 0 || topics.length > topicsAtMost) {
        throw new TooManyError(`name 1 to ${topicsAtMost} topics`, {
          status: 400,
          details: { limit: "topics", most: topicsAtMost },
        });
      }
      for (const topic of topics) await auth.check({ principal, action: "subscribe", topic });
      const stream = new EventStream(request, response, {
        context: this.#context,
        topics,
        // a principal that was handed over has no credential to look at again
        identity: { principal, credential: options.principal ? undefined : credential },
        onClose: () => void this.#streams.delete(stream),
      });
      this.#streams.add(stream);
      // what was revoked meanwhile may be his
      if (before !== orders()) void stream.recheck();
      await stream.open();
    } catch (error) {
      if (!InfraError.is(error))
        this.#context.logger.error("a stream could not be opened", { error });
      if (CredentialError.is(error)) tell({ type: "refused", reason: error.message });
      if (response.headersSent) return void response.destroy();
      const { code, message } = toWireError(error);
      response.writeHead(InfraError.is(error) ? error.status : 500, {
        "content-type": "application/problem+json",
      });
      response.end(JSON.stringify({ title: message, code }));
    }
  }

  tellGap(feed: TopicFeed, reason: string): void {
    for (const stream of this.#streams) stream.tellGap(feed, reason);
  }

  obey(type: GatewayOrder, of: GatewaySelection, before: number): void {
    for (const stream of this.#streams) {
      if (!isSelected(of, stream.principal)) continue;
      if (type === "recheck") void stream.recheck();
      else if (stream.since <= before) stream.close();
    }
  }

  all(): Iterable<EventStream> {
    return this.#streams;
  }

  close(drainOverMs: number): void {
    for (const stream of this.#streams) stream.close(Math.round(Math.random() * drainOverMs));
  }

  #credentialOf({ headers, url = "/" }: IncomingMessage): Credential | undefined {
    return this.#context.options.credential({ auth: {}, headers, url });
  }
}

function topicsOf({ url = "/" }: IncomingMessage): string[] {
  return new URL(url, "http://localhost").searchParams.getAll("topic");
}
