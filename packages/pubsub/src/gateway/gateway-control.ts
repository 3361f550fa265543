import type { Authenticator, Clock, Logger, Principal, Subscription } from "@infra/interfaces";

import { OrderLog, type ToldOrder } from "./order-log.js";
import type { GatewayPubSub } from "./topic-feed.js";

/** Whose connections: all of an account, those of one credential, or one. */
export type GatewaySelection =
  | { readonly userId: string }
  | { readonly credentialId: string }
  | { readonly connection: string };

/** What becomes of them: they are closed, or their credential is looked at again. */
export type GatewayOrder = "disconnect" | "recheck";

/** What nodes tell each other: orders, up to which number that was all of them, and who asks for those that he missed. */
type Note =
  | {
      readonly node: string;
      readonly type: "orders";
      /** The first one that is remembered. */
      readonly first: number;
      readonly upTo: number;
      readonly orders: readonly ToldOrder[];
    }
  | { readonly node: string; readonly type: "ask"; readonly of: string; readonly after: number };

/** How far the orders of another node were heard. */
interface Heard {
  readonly upTo: number;
  /** When it was last asked for more. */
  readonly askedAt: number;
}

/** Options of {@link GatewayControl}. */
export interface GatewayControlOptions {
  readonly pubsub: GatewayPubSub;
  readonly authenticator: Authenticator | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly topic: string;
  /** This node's name. */
  readonly node: string;
  /** `before`: only those that were there by then, in milliseconds of the clock's monotonic reading. */
  readonly obey: (type: GatewayOrder, of: GatewaySelection, before: number) => void;
  /** Orders of other nodes may have been missed. */
  readonly missed: () => void;
}

const againMs = 1_000;
const remindEveryMs = 2_000;
const toldAtOnce = 200;
const knownNodes = 1_000;

/**
 * What the nodes tell each other to do, and what the authenticator of one of them revokes. What a node could not be told is
 * told when it is back: who gave orders says now and then how many, and who has heard less asks for them.
 */
export class GatewayControl {
  readonly #options: GatewayControlOptions;
  readonly #log: OrderLog;
  // of other nodes, in the order in which they were last heard of
  readonly #heard = new Map<string, Heard>();
  #subscription: Subscription | undefined;
  #endRevoked: (() => void) | undefined;
  #cancelReminder: (() => void) | undefined;
  #orders = 0;
  #closed = false;

  constructor(options: GatewayControlOptions) {
    this.#options = options;
    this.#log = new OrderLog(options.clock);
  }

  /** How many orders came; when it rises while somebody is let in, he may be whom one of them meant. */
  get orders(): number {
    return this.#orders;
  }

  async open(): Promise<void> {
    const { pubsub, authenticator, clock, topic, missed } = this.#options;
    this.#subscription = await pubsub.subscribe<Note>(topic, (note) => this.#hear(note), {
      onGap: () => missed(),
    });
    this.#endRevoked = authenticator?.onRevoked?.((revocation) => {
      const of = "accountId" in revocation ? { userId: revocation.accountId } : revocation;
      this.#recheck(of);
      // what was revoked within a transaction is seen by others when that ends
      clock.setTimeout(() => this.#recheck(of), againMs, { unref: true });
    });
  }

  /** Does it here at once, and tells the others: now, or when they can be reached again. */
  async tell(type: GatewayOrder, of: GatewaySelection): Promise<void> {
    const order = this.#log.add(type, of);
    this.#obey(order);
    this.#remindLater();
    await this.#publish(this.#noteOf(order.number, [order]));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelReminder?.();
    this.#endRevoked?.();
    await this.#subscription?.close();
  }

  #recheck(of: GatewaySelection): void {
    if (this.#closed) return;
    this.tell("recheck", of).catch((error: unknown) =>
      this.#options.logger.error("the other nodes can't be told of a revocation now", { error }),
    );
  }

  #hear(note: Note): void {
    if (note.node === this.#options.node) return;
    if (note.type === "orders") this.#catchUp(note);
    else if (note.of === this.#options.node) this.#tellAll(note.after);
  }

  #catchUp({ node, first, upTo, orders }: Extract<Note, { type: "orders" }>): void {
    const known = this.#heard.get(node) ?? { upTo: 0, askedAt: -Infinity };
    // those before the first are forgotten
    let heard = Math.max(known.upTo, first - 1);
    for (const order of orders) {
      if (order.number <= heard) continue;
      // also before one that is missing: obeying it again does no harm
      this.#obey(order);
      if (order.number === heard + 1) heard = order.number;
    }
    const now = this.#options.clock.monotonic();
    const asks = heard < upTo && now - known.askedAt >= remindEveryMs / 2;
    this.#heard.delete(node);
    this.#heard.set(node, { upTo: heard, askedAt: asks ? now : known.askedAt });
    if (this.#heard.size > knownNodes) this.#heard.delete(this.#heard.keys().next().value!);
    if (asks) this.#say({ node: this.#options.node, type: "ask", of: node, after: heard });
  }

  /** In messages of a bounded size. */
  #tellAll(after: number): void {
    let last = after;
    for (;;) {
      const orders = this.#log.after(last, toldAtOnce);
      if (orders.length === 0) return;
      last = orders.at(-1)!.number;
      this.#say(this.#noteOf(last, orders));
    }
  }

  /** For as long as there is an order that somebody may have missed. */
  #remindLater(): void {
    this.#cancelReminder ??= this.#options.clock.setTimeout(
      () => {
        this.#cancelReminder = undefined;
        const { first, count } = this.#log;
        if (this.#closed || first > count) return;
        this.#say(this.#noteOf(count, []));
        this.#remindLater();
      },
      remindEveryMs,
      { unref: true },
    );
  }

  #noteOf(upTo: number, orders: readonly ToldOrder[]): Note {
    return { node: this.#options.node, type: "orders", first: this.#log.first, upTo, orders };
  }

  /** What is not heard is said again. */
  #say(note: Note): void {
    this.#publish(note).catch((error: unknown) =>
      this.#options.logger.debug("the other nodes can't be told now", { error }),
    );
  }

  async #publish(note: Note): Promise<void> {
    await this.#options.pubsub.publish<unknown>(this.#options.topic, note);
  }

  #obey({ type, of, ageMs }: ToldOrder): void {
    this.#orders += 1;
    this.#options.obey(type, of, this.#options.clock.monotonic() - ageMs);
  }
}

/** Whether somebody is among those who are meant. */
export function isSelected(
  of: GatewaySelection,
  principal: Principal | undefined,
  connection?: string,
): boolean {
  if ("userId" in of) return principal?.id === of.userId;
  if ("credentialId" in of) return principal?.credentialId === of.credentialId;
  return connection !== undefined && connection === of.connection;
}
