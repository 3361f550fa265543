import { randomBytes } from "node:crypto";

import { silentLogger, systemClock, type Clock, type Logger } from "@infra/interfaces";
import { abortable, withTimeout } from "@infra/promises";

import type {
  EngineCallOptions,
  EngineHandler,
  PubSubEngine,
  Retention,
  StoredPage,
} from "../engine.js";
import type { Envelope, Position } from "../envelope.js";
import { closeClient, createRedisClient, firstAttempt } from "../redis-client.js";
import type { RedisClient, RedisWhere } from "../redis-client.js";
import { RedisLog } from "../redis-log.js";
import { isPattern, topicMatcher } from "../topic.js";
import { decodeMessage, encodeWithin } from "../wire.js";

export type { RedisClient, RedisWhere } from "../redis-client.js";

/** Options of {@link RedisPubSubEngine}. */
export type RedisEngineOptions = RedisWhere &
  Retention & {
    /** What its channels and keys begin with. @default "pubsub" */
    readonly prefix?: string;
    /** What a message may take at the most. */
    readonly maxMessageBytes: number;
  };

/** How often the connection that listens is asked whether it is alive; one that broke without a word is not told. */
const askEveryMs = 2_000;

/** Over Redis: its publish and subscribe, and streams for what is kept. It listens on a connection of its own. */
export class RedisPubSubEngine implements PubSubEngine {
  readonly name = "redis";
  readonly #options: RedisEngineOptions;
  readonly #prefix: string;
  readonly #log: RedisLog;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #origin = randomBytes(9).toString("base64url");
  readonly #patterns = new Map<string, (message: string, channel: string) => void>();
  // those that Redis has confirmed
  readonly #subscribed = new Set<string>();
  #handler: EngineHandler | undefined;
  #client: RedisClient | undefined;
  #subscriber: RedisClient | undefined;
  #opening: Promise<void> | undefined;
  #cancelAsking: (() => void) | undefined;
  #closed = false;

  constructor(
    options: RedisEngineOptions,
    deps: { readonly clock?: Clock; readonly logger?: Logger } = {},
  ) {
    this.#options = options;
    this.#prefix = `{${options.prefix ?? "pubsub"}}:c:`;
    this.#log = new RedisLog(options.prefix ?? "pubsub", options);
    this.#clock = deps.clock ?? systemClock;
    this.#logger = deps.logger ?? silentLogger;
  }

  open(handler: EngineHandler): Promise<void> {
    this.#handler = handler;
    return (this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    }));
  }

  async listen(pattern: string): Promise<void> {
    const take = (text: string, channel: string): void => {
      if (this.#patterns.get(pattern) === take) this.#take(pattern, text, channel);
      // it was dropped while there was no connection, and the client has taken it up again by itself
      else this.#drop(pattern, take);
    };
    this.#patterns.set(pattern, take);
    // else as soon as there is a connection
    if (this.#subscriber?.isReady) await this.#subscribe(this.#subscriber, pattern, take);
  }

  async unlisten(pattern: string): Promise<void> {
    this.#patterns.delete(pattern);
    this.#subscribed.delete(pattern);
    const subscriber = this.#subscriber;
    if (!subscriber?.isReady) return;
    if (isPattern(pattern)) await subscriber.pUnsubscribe(this.#prefix + toGlob(pattern));
    else await subscriber.unsubscribe(this.#prefix + pattern);
  }

  async send(envelope: Envelope, { signal }: EngineCallOptions = {}): Promise<void> {
    const text = encodeWithin(envelope, this.#options.maxMessageBytes);
    const published = this.#connected().publish(
      this.#prefix + envelope.topic,
      `@${this.#origin} ${text}`,
    );
    await abortable(published, { signal });
  }

  async append(envelope: Envelope, { signal }: EngineCallOptions = {}): Promise<void> {
    const { topic } = envelope;
    const text = encodeWithin(envelope, this.#options.maxMessageBytes);
    const channel = this.#prefix + topic;
    const now = this.#clock.now();
    await abortable(this.#log.append(this.#connected(), { topic, text, channel, now }), { signal });
  }

  async read(
    pattern: string,
    after: Position | undefined,
    limit: number,
    { signal }: EngineCallOptions = {},
  ): Promise<StoredPage> {
    return abortable(this.#read(pattern, after, limit), { signal });
  }

  async position({ signal }: EngineCallOptions = {}): Promise<Position> {
    const page = await abortable(this.#log.read(this.#connected(), [], undefined, 1), { signal });
    return page.end;
  }

  async ping(): Promise<void> {
    await this.#connected().ping();
  }

  /** Disconnects; a client that was handed over stays open. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelAsking?.();
    await this.#opening?.catch(() => {});
    closeClient(this.#subscriber);
    this.#subscriber = undefined;
    if (!this.#options.client) closeClient(this.#client);
  }

  async #open(): Promise<void> {
    // it goes on trying since the first time
    if (this.#client) return this.ping();
    const client = this.#options.client ?? (await createRedisClient(this.#options.url));
    this.#client = client;
    // without a listener an error of the connection would end the process
    client.on("error", (error: Error) => this.#handler?.onState(false, error));
    client.on("ready", () => this.#tellReady());
    await Promise.all([firstAttempt(client), this.#listenAnew()]);
    this.#tellReady();
  }

  /** One of the two connections is there (again). */
  #tellReady(): void {
    if (this.#client?.isReady && this.#subscriber?.isReady) this.#handler?.onState(true);
  }

  /** A connection that listens to everything that is subscribed to. */
  async #listenAnew(): Promise<void> {
    const subscriber = this.#client!.duplicate({ disableOfflineQueue: false });
    let ready = 0;
    subscriber.on("error", (error: Error) => {
      this.#logger.debug("redis", { error });
      this.#handler?.onState(false, error);
    });
    subscriber.on("ready", () => {
      ready += 1;
      if (ready > 1 || late) void this.#listenAgain(subscriber);
    });
    let late = false;
    this.#subscriber = subscriber;
    this.#subscribed.clear();
    try {
      await firstAttempt(subscriber);
      await this.#subscribeAll(subscriber);
    } catch (error) {
      // it begins later, and what others publish until then is missed
      late = true;
      throw error;
    } finally {
      if (this.#closed) closeClient(subscriber);
      else this.#askLater();
    }
  }

  /** After the connection was lost: what was published meanwhile was not heard. */
  async #listenAgain(subscriber: RedisClient): Promise<void> {
    try {
      await this.#subscribeAll(subscriber);
    } catch (error) {
      // the next connection does it
      this.#handler?.onState(false, error);
      return;
    }
    this.#tellReady();
    this.#handler?.onGap("the connection to Redis was lost");
  }

  /** The client itself repeats what it had subscribed to before. */
  async #subscribeAll(subscriber: RedisClient): Promise<void> {
    await Promise.all(
      Array.from(this.#patterns, ([pattern, take]) => this.#subscribe(subscriber, pattern, take)),
    );
  }

  #askLater(): void {
    this.#cancelAsking?.();
    this.#cancelAsking = this.#clock.setTimeout(() => void this.#ask(), askEveryMs, {
      unref: true,
    });
  }

  async #ask(): Promise<void> {
    const asked = this.#subscriber;
    try {
      if (asked?.isReady) {
        await withTimeout(() => asked.ping(), { timeout: askEveryMs, clock: this.#clock });
      }
      if (!this.#closed) this.#askLater();
    } catch (error) {
      if (this.#closed || this.#subscriber !== asked) return;
      // it is stuck: a new one
      this.#handler?.onState(false, error);
      closeClient(asked);
      await this.#listenAnew().catch(() => {});
      if (!this.#subscriber?.isReady) return;
      this.#tellReady();
      this.#handler?.onGap("the connection to Redis was stuck");
    }
  }

  async #subscribe(
    subscriber: RedisClient,
    pattern: string,
    take: (text: string, channel: string) => void,
  ): Promise<void> {
    if (this.#subscribed.has(pattern)) return;
    if (isPattern(pattern)) await subscriber.pSubscribe(this.#prefix + toGlob(pattern), take);
    else await subscriber.subscribe(this.#prefix + pattern, take);
    if (this.#patterns.get(pattern) === take) this.#subscribed.add(pattern);
  }

  /** What is heard once more is dropped once more. */
  #drop(pattern: string, take: (text: string, channel: string) => void): void {
    const channel = this.#prefix + toGlob(pattern);
    const dropped = isPattern(pattern)
      ? this.#subscriber?.pUnsubscribe(channel, take)
      : this.#subscriber?.unsubscribe(channel, take);
    dropped?.catch((error: unknown) => this.#logger.debug("redis", { error }));
  }

  #take(pattern: string, text: string, channel: string): void {
    const topic = channel.slice(this.#prefix.length);
    const space = text.indexOf(" ");
    if (text.startsWith("@")) {
      // this process has its own messages already
      if (text.slice(1, space) === this.#origin) return;
      const envelope = decodeMessage(topic, text.slice(space + 1));
      if (envelope && matching(pattern, topic)) this.#handler?.onMessage(envelope, pattern);
      return;
    }
    const [epoch, seq, prev] = text.split(" ", 3) as [string, string, string];
    const start = epoch.length + seq.length + prev.length + 3;
    const place = { epoch, seq: Number(seq), prev: Number(prev) };
    const envelope = decodeMessage(topic, text.slice(start), place);
    if (envelope && matching(pattern, topic)) this.#handler?.onMessage(envelope, pattern);
  }

  async #read(pattern: string, after: Position | undefined, limit: number): Promise<StoredPage> {
    const client = this.#connected();
    const topics = isPattern(pattern)
      ? (await this.#log.topics(client)).filter((topic) => matching(pattern, topic))
      : [pattern];
    const { entries, lost, end } = await this.#log.read(client, topics, after, limit);
    const messages = entries.flatMap(({ topic, seq, prev, text }) => {
      const envelope = decodeMessage(topic, text, { epoch: end.epoch, seq, prev });
      return envelope ? [envelope] : [];
    });
    return { messages, lost, epoch: end.epoch };
  }

  #connected(): RedisClient {
    if (this.#client && !this.#closed) return this.#client;
    throw new Error("there is no connection to Redis");
  }
}

/** A glob of Redis that matches at least what the pattern does; nothing in a topic means more to it. */
function toGlob(pattern: string): string {
  return pattern.replace(/\.?#$/, "*");
}

const matchers = new Map<string, (topic: string) => boolean>();

/** Redis' `*` crosses dots. */
function matching(pattern: string, topic: string): boolean {
  if (!isPattern(pattern)) return pattern === topic;
  let matches = matchers.get(pattern);
  if (!matches) {
    if (matchers.size > 1_000) matchers.clear();
    matchers.set(pattern, (matches = topicMatcher(pattern)));
  }
  return matches(topic);
}
