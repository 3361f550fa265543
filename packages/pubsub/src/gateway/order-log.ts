import type { Clock } from "@infra/interfaces";

import type { GatewayOrder, GatewaySelection } from "./gateway-control.js";

/** An order as nodes tell it each other. */
export interface ToldOrder {
  /** The orders of a node are numbered from 1 on. */
  readonly number: number;
  readonly type: GatewayOrder;
  readonly of: GatewaySelection;
  /** How long ago it was given, whatever the clocks of others say. */
  readonly ageMs: number;
}

type Given = Omit<ToldOrder, "ageMs"> & { readonly at: number };

const rememberedMs = 3_600_000;
const rememberedAtMost = 1_000;

/** The orders that this node gave within the last hour, for nodes that were out of touch. */
export class OrderLog {
  readonly #clock: Clock;
  #orders: Given[] = [];
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The number of the last one. */
  get count(): number {
    return this.#count;
  }

  /** The number of the first one that is remembered; one above {@link OrderLog.count} for none. */
  get first(): number {
    this.#forget();
    return this.#orders[0]?.number ?? this.#count + 1;
  }

  add(type: GatewayOrder, of: GatewaySelection): ToldOrder {
    this.#count += 1;
    const order = { number: this.#count, type, of };
    this.#orders.push({ ...order, at: this.#clock.monotonic() });
    this.#forget();
    return { ...order, ageMs: 0 };
  }

  /** Those that are remembered, after a number; so many at the most. */
  after(last: number, most: number): readonly ToldOrder[] {
    this.#forget();
    const now = this.#clock.monotonic();
    const start = this.#orders.findIndex((each) => each.number > last);
    const orders = start < 0 ? [] : this.#orders.slice(start, start + most);
    return orders.map(({ number, type, of, at }) => ({ number, type, of, ageMs: now - at }));
  }

  #forget(): void {
    const before = this.#clock.monotonic() - rememberedMs;
    const kept = this.#orders.slice(-rememberedAtMost);
    const start = kept.findIndex(({ at }) => at > before);
    this.#orders = start < 0 ? [] : kept.slice(start);
  }
}
