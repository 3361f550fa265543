import type { MessageContext } from "@infra/interfaces";

import type {
  PresenceChange,
  PresenceMember,
  SubscribeAnswer,
  SubscribeRequest,
  WireError,
} from "../gateway/protocol.js";
import { PubSubClientError } from "./client-error.js";

/** Why messages may have been missed, for whoever shows them. */
export interface ClientGap {
  readonly topic: string;
  readonly reason: string;
}

/** Options of `PubSubClient.subscribe`. */
export interface ClientSubscribeOptions {
  /** Goes on after this position, one of an earlier subscription's `position`. */
  readonly after?: string | undefined;
  /** Called when messages may have been missed: read the state anew. It is not called when all of them were sent again. */
  readonly onGap?: ((gap: ClientGap) => void | Promise<void>) | undefined;
  /** To be seen by others, and see them: called with who is there, at each change. */
  readonly onPresence?: ((members: readonly PresenceMember[]) => void) | undefined;
  /** What others see beside one's id. */
  readonly presence?: unknown;
  /** Called when the gateway ends the subscription: it is no longer allowed. */
  readonly onDenied?: ((error: PubSubClientError) => void) | undefined;
}

/** What a client calls with a message. */
export type ClientListener<Message> = (
  message: Message,
  context: Omit<MessageContext, "signal">,
) => void | Promise<void>;

interface SubscriptionLink {
  unsubscribe(subscription: ClientSubscription): Promise<void>;
  failed(error: unknown): void;
}

const rememberedIds = 1_000;

/** A topic that a client listens to, over all its connections. */
export class ClientSubscription<Message = unknown> {
  readonly topic: string;
  readonly #listener: ClientListener<Message>;
  readonly #options: ClientSubscribeOptions;
  readonly #link: SubscriptionLink;
  #position: string | undefined;
  #members = new Map<string, PresenceMember>();
  // where messages are not kept: what was seen, for one that is sent twice
  #seen = new Set<string>();
  #closed = false;
  #begun = false;

  /** Made by `PubSubClient.subscribe`. */
  constructor(
    topic: string,
    listener: ClientListener<Message>,
    options: ClientSubscribeOptions,
    link: SubscriptionLink,
  ) {
    this.topic = topic;
    this.#listener = listener;
    this.#options = options;
    this.#link = link;
    this.#position = options.after;
  }

  /** What was seen last: `after` of a later subscription. */
  get position(): string | undefined {
    return this.#position;
  }

  /** Who is there; empty without `onPresence`. */
  get members(): readonly PresenceMember[] {
    return [...this.#members.values()];
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Whether it began once: then it goes on by itself. @internal */
  get begun(): boolean {
    return this.#begun;
  }

  /** Ends it; idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#link.unsubscribe(this as ClientSubscription);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What the gateway is asked at each connection. @internal */
  request(): SubscribeRequest {
    const { onPresence, presence } = this.#options;
    return {
      topic: this.topic,
      after: this.#position,
      ...(onPresence && { presence: true, data: presence }),
    };
  }

  /** @internal */
  began({ position, gap, members }: SubscribeAnswer): void {
    this.#begun = true;
    // what came while it was asked is further on
    if (gap !== undefined) this.gap(gap, position);
    else this.#position ??= position;
    if (!members) return;
    this.#members = new Map(members.map((each) => [each.id, each]));
    this.#tellMembers();
  }

  /** @internal */
  take(message: unknown, context: Omit<MessageContext, "signal">): void {
    if (this.#closed || this.#isOld(context)) return;
    this.#position = context.cursor ?? context.id;
    this.#guard(() => this.#listener(message as Message, context));
  }

  /** @internal */
  gap(reason: string, position: string): void {
    this.#position = position;
    this.#guard(() => this.#options.onGap?.({ topic: this.topic, reason }));
  }

  /** @internal */
  presence({ type, member }: PresenceChange): void {
    if (type === "join") this.#members.set(member.id, member);
    else this.#members.delete(member.id);
    this.#tellMembers();
  }

  /** @internal */
  denied(error: WireError): void {
    this.#closed = true;
    this.#guard(() => this.#options.onDenied?.(new PubSubClientError(error)));
  }

  #tellMembers(): void {
    this.#guard(() => this.#options.onPresence?.(this.members));
  }

  #isOld({ id, cursor }: { readonly id: string; readonly cursor?: string | undefined }): boolean {
    if (cursor !== undefined) {
      const [epoch, seq] = cursor.split(".");
      const [lastEpoch, lastSeq] = (this.#position ?? "").split(".");
      return epoch === lastEpoch && Number(seq) <= Number(lastSeq);
    }
    if (this.#seen.has(id)) return true;
    this.#seen.add(id);
    // in the order in which they came
    if (this.#seen.size > rememberedIds) {
      for (const each of this.#seen) {
        this.#seen.delete(each);
        break;
      }
    }
    return false;
  }

  /** What a listener throws is the client's to tell, and disturbs nothing. */
  #guard(call: () => void | Promise<void>): void {
    try {
      const outcome = call();
      if (outcome instanceof Promise) outcome.catch((error: unknown) => this.#link.failed(error));
    } catch (error) {
      this.#link.failed(error);
    }
  }
}
