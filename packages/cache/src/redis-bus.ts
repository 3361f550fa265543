import {
  systemClock,
  type Clock,
  type Invalidation,
  type InvalidationBus,
} from "@infra/interfaces";
import { abortable, TimedOutError, withTimeout } from "@infra/promises";

import {
  attemptMs,
  closeClient,
  firstAttempt,
  RedisConnection,
  type RedisClient,
  type RedisWhere,
} from "./redis-connection.js";

/** Options of {@link RedisInvalidationBus}. */
export type RedisBusOptions = (RedisWhere | { readonly connection: RedisConnection }) & {
  /** What its channel begins with. @default "cache" */
  readonly prefix?: string;
};

interface Listener {
  readonly onInvalidation: (invalidation: Invalidation) => void;
  readonly onGap: (() => void) | undefined;
}

/** How often the connection that listens is asked whether it is alive; one that broke without a word is not told. */
const askEveryMs = 5_000;

/** An invalidation bus on Redis' publish and subscribe. It listens on a connection of its own. */
export class RedisInvalidationBus implements InvalidationBus {
  readonly #connection: RedisConnection;
  readonly #owned: boolean;
  readonly #channel: string;
  readonly #clock: Clock;
  readonly #listeners = new Set<Listener>();
  #subscriber: RedisClient | undefined;
  #subscribing: Promise<void> | undefined;
  #cancelAsking: (() => void) | undefined;
  #closed = false;

  constructor(options: RedisBusOptions, { clock = systemClock }: { readonly clock?: Clock } = {}) {
    this.#owned = !("connection" in options);
    this.#connection =
      "connection" in options ? options.connection : new RedisConnection(options, { clock });
    this.#channel = `${options.prefix ?? "cache"}:@#invalidations`;
    this.#clock = clock;
  }

  async publish(
    invalidation: Invalidation,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    const { client } = await this.#connection.adapter();
    await abortable((client as RedisClient).publish(this.#channel, JSON.stringify(invalidation)), {
      signal,
    });
  }

  async subscribe(
    onInvalidation: (invalidation: Invalidation) => void,
    onGap?: () => void,
  ): Promise<() => Promise<void>> {
    const listener = { onInvalidation, onGap };
    this.#listeners.add(listener);
    try {
      await (this.#subscribing ??= this.#listen());
    } catch (error) {
      this.#listeners.delete(listener);
      this.#subscribing = undefined;
      throw error;
    }
    return async () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#hangUp();
    };
  }

  /** Stops listening, and closes the connection unless it was handed over. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#listeners.clear();
    const subscribing = this.#subscribing;
    this.#hangUp();
    if (this.#owned) await this.#connection.close();
    await subscribing?.catch(() => {});
    this.#hangUp();
  }

  async #listen(): Promise<void> {
    const { client } = await this.#connection.adapter();
    if (this.#closed) return;
    const subscriber = (client as RedisClient).duplicate({ disableOfflineQueue: false });
    subscriber.on("error", () => {});
    let first = true;
    subscriber.on("ready", () => {
      // it has subscribed again by itself; what was published meanwhile is lost
      if (!first) this.#tellGap();
      first = false;
    });
    this.#subscriber = subscriber;
    this.#askLater();
    await firstAttempt(subscriber, this.#clock);
    // hung up meanwhile
    if (this.#subscriber !== subscriber) return;
    const subscribed = subscriber.subscribe(this.#channel, (message) => this.#take(message));
    try {
      // else as soon as there is a connection: until then nothing can be published either
      if (subscriber.isReady && (await this.#inTime(subscribed))) return;
    } catch (error) {
      if (this.#subscriber === subscriber) this.#hangUp();
      throw error;
    }
    subscribed.then(
      () => this.#tellGap(),
      () => this.#renew(subscriber),
    );
  }

  /** Whether Redis answered within the time that a connection may take. */
  async #inTime(answer: Promise<unknown>): Promise<boolean> {
    try {
      await withTimeout(() => answer, { timeout: attemptMs, clock: this.#clock });
      return true;
    } catch (error) {
      if (TimedOutError.is(error)) return false;
      throw error;
    }
  }

  #take(message: string): void {
    const invalidation = invalidationOf(message);
    // somebody else's: who knows what it said
    if (!invalidation) return this.#tellGap();
    for (const { onInvalidation } of this.#listeners) {
      undisturbed(() => onInvalidation(invalidation));
    }
  }

  #tellGap(): void {
    for (const { onGap } of this.#listeners) if (onGap) undisturbed(onGap);
  }

  #askLater(): void {
    this.#cancelAsking?.();
    this.#cancelAsking = this.#clock.setTimeout(() => void this.#ask(), askEveryMs, {
      unref: true,
    });
  }

  async #ask(): Promise<void> {
    const asked = this.#subscriber;
    const answers = asked?.isReady && (await this.#inTime(asked.ping()).catch(() => false));
    if (answers && this.#subscriber === asked) this.#askLater();
    else await this.#renew(asked);
  }

  /** Listens on a new connection, in place of one that broke or is stuck. */
  async #renew(old: RedisClient | undefined): Promise<void> {
    if (this.#closed || this.#subscriber !== old) return;
    this.#hangUp();
    try {
      await (this.#subscribing = this.#listen());
    } catch {
      if (!this.#closed) this.#askLater();
    }
    this.#tellGap();
  }

  #hangUp(): void {
    this.#cancelAsking?.();
    this.#cancelAsking = undefined;
    this.#subscribing = undefined;
    if (this.#subscriber) closeClient(this.#subscriber);
    this.#subscriber = undefined;
  }
}

function invalidationOf(message: string): Invalidation | undefined {
  try {
    const read = JSON.parse(message) as Partial<Invalidation> | null;
    return typeof read?.origin === "string" ? (read as Invalidation) : undefined;
  } catch {
    return undefined;
  }
}

function undisturbed(callback: () => void): void {
  try {
    callback();
  } catch (thrown) {
    process.emitWarning(`a listener of the invalidation bus threw: ${String(thrown)}`);
  }
}
