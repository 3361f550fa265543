import type { Authenticator, Clock, Logger, Principal, Subscription } from "@infra/interfaces";

import type { GatewayPubSub } from "./topic-feed.js";

/** Whose connections: all of an account, those of one credential, or one. */
export type GatewaySelection =
  | { readonly userId: string }
  | { readonly credentialId: string }
  | { readonly connection: string };

/** What becomes of them: they are closed, or their credential is looked at again. */
export type GatewayOrder = "disconnect" | "recheck";

interface Control {
  readonly node: string;
  readonly type: GatewayOrder;
  readonly of: GatewaySelection;
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
  readonly obey: (type: GatewayOrder, of: GatewaySelection) => void;
  /** Orders of other nodes may have been missed. */
  readonly missed: () => void;
}

const againMs = 1_000;

/** What the nodes tell each other to do, and what the authenticator of one of them revokes. */
export class GatewayControl {
  readonly #options: GatewayControlOptions;
  #subscription: Subscription | undefined;
  #endRevoked: (() => void) | undefined;
  #orders = 0;
  #closed = false;

  constructor(options: GatewayControlOptions) {
    this.#options = options;
  }

  /** How many orders came; when it rises while somebody is let in, he may be whom one of them meant. */
  get orders(): number {
    return this.#orders;
  }

  async open(): Promise<void> {
    const { pubsub, authenticator, clock, topic, node, missed } = this.#options;
    this.#subscription = await pubsub.subscribe<Control>(
      topic,
      (control) => {
        if (control.node !== node) this.#obey(control.type, control.of);
      },
      { onGap: () => missed() },
    );
    this.#endRevoked = authenticator?.onRevoked?.((revocation) => {
      const of = "accountId" in revocation ? { userId: revocation.accountId } : revocation;
      this.#recheck(of);
      // what was revoked within a transaction is seen by others when that ends
      clock.setTimeout(() => this.#recheck(of), againMs, { unref: true });
    });
  }

  /** Does it here at once, and tells the others. */
  async tell(type: GatewayOrder, of: GatewaySelection): Promise<void> {
    const { pubsub, topic, node } = this.#options;
    this.#obey(type, of);
    await pubsub.publish<unknown>(topic, { node, type, of });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#endRevoked?.();
    await this.#subscription?.close();
  }

  #recheck(of: GatewaySelection): void {
    if (this.#closed) return;
    this.tell("recheck", of).catch((error: unknown) =>
      this.#options.logger.error("the other nodes could not be told of a revocation", { error }),
    );
  }

  #obey(type: GatewayOrder, of: GatewaySelection): void {
    this.#orders += 1;
    this.#options.obey(type, of);
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
