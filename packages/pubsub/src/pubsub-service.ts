import {
  optional,
  section,
  silentLogger,
  systemClock,
  tokens,
  type Clock,
  type Database,
  type HealthReport,
  type IdGenerator,
  type Inject,
  type Logger,
  type Managed,
  type MessageContext,
  type PubSub,
  type StartContext,
  type StopContext,
  type SubscribeOptions,
  type Subscription,
  type Token,
  type Topic,
} from "@infra/interfaces";
import { abortable } from "@infra/promises";

import { pubsubConfig } from "./config.js";
import { EngineLink } from "./engine-link.js";
import { fromCursor, fromTheStart, toCursor, type Envelope } from "./envelope.js";
import { CursorLostError, NotDurableError, PubSubStoppedError } from "./errors.js";
import { Fanout } from "./fanout.js";
import { LocalSubscription, type Listener } from "./local-subscription.js";
import { messageIds } from "./message-ids.js";
import { copyPlain } from "./plain-copy.js";
import type { PubSubEvent } from "./pubsub-events.js";
import { resolveOptions, type PubSubOptions, type ResolvedOptions } from "./pubsub-options.js";
import type { PubSubStats } from "./pubsub-stats.js";
import { PubSubTally } from "./pubsub-tally.js";
import { readHistory, type History, type HistoryOptions } from "./read-history.js";
import { Router } from "./router.js";
import { checkedListener, checkMessage } from "./schema-check.js";
import { checkPattern, checkTopic, coversPattern, isPattern, topicMatcher } from "./topic.js";

/** Collaborators of {@link PubSubService}. */
export interface PubSubDependencies {
  /** What the URL `database:` stands for. */
  readonly database?: Database | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
  /** Names messages. @default a random start and a number that rises */
  readonly ids?: IdGenerator | undefined;
}

const settled = Promise.resolve();

/**
 * Messages to whoever listens, in this process and, by its URL, in others. Starts with `start()` or on first use.
 *
 * @throws RangeError from the constructor when an option can't be.
 */
export class PubSubService implements PubSub, Managed {
  static readonly provides: Token<PubSub> = tokens.pubsub;
  static readonly inject: Inject<typeof PubSubService> = {
    options: section(pubsubConfig),
    database: optional(tokens.database),
    logger: optional(tokens.logger),
    clock: optional(tokens.clock),
    ids: optional(tokens.idGenerator),
  };

  readonly #options: ResolvedOptions;
  readonly #clock: Clock;
  readonly #tally: PubSubTally;
  readonly #router = new Router();
  readonly #fanout = new Fanout(this.#router);
  readonly #link: EngineLink;
  // by pattern, while there are subscriptions to it
  readonly #listening = new Map<string, Promise<void>>();
  readonly #durable: readonly ((topic: string) => boolean)[];
  readonly #nextId: () => string;
  #stopping: Promise<void> | undefined;

  constructor(options: PubSubOptions = {}, deps: PubSubDependencies = {}) {
    this.#options = resolveOptions(options);
    this.#clock = deps.clock ?? systemClock;
    const logger = (deps.logger ?? silentLogger).child({ category: "pubsub" });
    this.#tally = new PubSubTally(logger);
    this.#durable = this.#options.durable.map((each) => topicMatcher(each));
    this.#nextId = messageIds(deps.ids);
    this.#link = new EngineLink(
      this.#options,
      { database: deps.database, logger, clock: this.#clock },
      {
        onMessage: (envelope, via) => this.#fanout.add(envelope, via),
        onGap: (reason) => {
          for (const each of this.#router.all()) each.gap(reason);
        },
        tell: (event) => this.#tally.tell(event),
      },
    );
  }

  /**
   * Connects, for `timeout` at the most.
   *
   * @throws PubSubUnavailableError (`ERR_PUBSUB_UNAVAILABLE`) when the engine does not answer and `failure` is `"throw"`;
   * otherwise it begins without, and goes on trying. PeerMissingError (`ERR_PEER_MISSING`) when the URL needs a package that
   * is not installed.
   */
  async start({ signal }: StartContext = {}): Promise<void> {
    this.#check();
    await abortable(this.#link.ready(), { signal });
  }

  /**
   * Resolves when the message was handed to the engine; listeners of this process hear it soon after.
   *
   * @throws RangeError when it is no topic; UnsupportedMessageError, InvalidMessageError, MessageTooLargeError when the message
   * can't be sent; PubSubUnavailableError when the engine can't be reached and the topic is durable, or `failure` is `"throw"`.
   */
  publish<Message>(
    topic: Topic<Message> | string,
    message: NoInfer<Message>,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<void> {
    try {
      this.#check();
      const name = typeof topic === "string" ? topic : topic.name;
      if (!this.#router.knows(name)) checkTopic(name, "topic");
      options?.signal?.throwIfAborted();
      const schema = typeof topic === "string" ? undefined : topic.schema;
      if (schema) {
        const checked = checkMessage(schema, name, message);
        if (checked instanceof Promise) {
          return checked.then((late) => this.#publish(name, late, options?.signal));
        }
        return this.#publish(name, checked, options?.signal);
      }
      return this.#publish(name, message, options?.signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Resolves when messages will be heard. A cursor is one of a `MessageContext`, or `"0"` for all that is kept.
   *
   * @throws RangeError when it is neither a topic nor a pattern; NotDurableError when a cursor is given for what is not kept;
   * CursorLostError (`ERR_PUBSUB_CURSOR_LOST`) when what came after it is no longer kept; PubSubUnavailableError.
   */
  async subscribe<Message>(
    topic: Topic<Message> | string,
    listener: (message: NoInfer<Message>, context: MessageContext) => void | Promise<void>,
    options: SubscribeOptions = {},
  ): Promise<Subscription> {
    this.#check();
    const { signal, cursor, onGap } = options;
    signal?.throwIfAborted();
    const pattern = typeof topic === "string" ? topic : topic.name;
    checkPattern(pattern, "topic");
    const durable = this.isDurable(pattern);
    const after = this.#after(pattern, durable, cursor);
    await abortable(this.#link.ready(), { signal });
    const end = (): void => void subscription.close();
    const subscription = new LocalSubscription({
      pattern,
      listener: checkedListener(
        typeof topic === "string" ? undefined : topic.schema,
        listener as Listener,
        (name, error) => this.#tally.tell({ type: "invalid", topic: name, error }),
      ),
      maxPending: this.#options.maxPending,
      onGap,
      tell: (event) => this.#tally.tell(event),
      read: durable ? (position, ended) => this.#link.read(pattern, position, ended) : undefined,
      pause: (ended) => this.#link.pause(ended),
      onClose: (each) => {
        signal?.removeEventListener("abort", end);
        return this.#leave(each);
      },
    });
    if (this.#router.add(subscription)) this.#listening.set(pattern, this.#link.listen(pattern));
    try {
      await this.#listening.get(pattern);
      if (durable) {
        const from = after === "now" ? await this.#link.position(signal) : after;
        await subscription.begin(from, { strict: cursor !== undefined });
      }
      signal?.throwIfAborted();
      this.#check();
    } catch (error) {
      await subscription.close();
      throw error;
    }
    signal?.addEventListener("abort", end, { once: true });
    return subscription;
  }

  /**
   * What is kept of a durable topic, oldest first.
   *
   * @throws NotDurableError, CursorLostError, PubSubUnavailableError, RangeError as `subscribe`.
   */
  async history<Message>(
    topic: Topic<Message> | string,
    options: HistoryOptions = {},
  ): Promise<History<Message>> {
    this.#check();
    const pattern = typeof topic === "string" ? topic : topic.name;
    checkPattern(pattern, "topic");
    const cursor = options.cursor ?? fromTheStart;
    const after = this.#after(pattern, this.isDurable(pattern), cursor);
    await abortable(this.#link.ready(), options);
    return readHistory<Message>(
      this.#link,
      pattern,
      after as Exclude<typeof after, "now">,
      options,
    );
  }

  /** Where a durable topic is now: what is published after this comes after the cursor. */
  async cursor({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<string> {
    this.#check();
    await abortable(this.#link.ready(), { signal });
    return toCursor(await this.#link.position(signal));
  }

  /** Whether the messages of a topic, or of all topics that a pattern matches, are kept. */
  isDurable(pattern: string): boolean {
    if (!isPattern(pattern)) return this.#durable.some((matches) => matches(pattern));
    // a pattern is durable when one of `durable` covers it
    return this.#options.durable.some((each) => coversPattern(each, pattern));
  }

  /** Ends the subscriptions, after the messages that are being handled and published, and disconnects. */
  stop({ signal }: StopContext = {}): Promise<void> {
    return (this.#stopping ??= (async () => {
      this.#fanout.drain();
      const closing = Promise.all([...this.#router.all()].map((each) => each.close()));
      await abortable(closing, { signal }).catch(() => {});
      await this.#link.close({ signal });
    })());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async health(): Promise<HealthReport> {
    if (this.#stopping) return { status: "down", message: "it has been stopped" };
    const details = { engine: this.#link.name, subscriptions: this.#router.size };
    try {
      await this.#link.ping();
      return { status: "up", details };
    } catch (error) {
      return {
        status: this.#options.failure === "throw" ? "down" : "degraded",
        message: `the engine does not answer: ${(error as Error).message}`,
        details,
      };
    }
  }

  stats(): PubSubStats {
    let { delivered } = this.#tally.counts;
    for (const each of this.#router.all()) delivered += each.delivered;
    return {
      ...this.#tally.counts,
      delivered,
      subscriptions: this.#router.size,
      connected: this.#link.connected,
    };
  }

  /** Calls back at gaps, failures and losses; what it returns ends that. A callback that throws changes nothing. */
  onEvent(listener: (event: PubSubEvent) => void): () => void {
    return this.#tally.subscribe(listener);
  }

  #publish(topic: string, message: unknown, signal: AbortSignal | undefined): Promise<void> {
    const envelope: Envelope = {
      topic,
      id: this.#nextId(),
      publishedAt: this.#clock.now(),
      message: copyPlain(message),
    };
    this.#tally.counts.published += 1;
    if (this.#durable.length > 0 && this.isDurable(topic))
      return this.#link.append(envelope, signal);
    if (this.#link.isLocal) {
      this.#fanout.add(envelope);
      return settled;
    }
    return this.#link.send(envelope, signal, () => this.#fanout.add(envelope));
  }

  #after(pattern: string, durable: boolean, cursor: string | undefined) {
    if (cursor === undefined) return "now" as const;
    if (!durable) {
      throw new NotDurableError(
        `the messages of ${pattern} are not kept, so that none can be read after a cursor: name it in the option durable`,
        { details: { topic: pattern } },
      );
    }
    if (cursor === fromTheStart) return undefined;
    const position = fromCursor(cursor);
    if (position) return position;
    throw new CursorLostError(`${JSON.stringify(cursor).slice(0, 80)} is no cursor of this log`, {
      details: { topic: pattern, cursor: cursor.slice(0, 80) },
    });
  }

  async #leave(subscription: LocalSubscription): Promise<void> {
    this.#tally.counts.delivered += subscription.delivered;
    subscription.delivered = 0;
    if (!this.#router.remove(subscription)) return;
    this.#listening.delete(subscription.pattern);
    await this.#link.unlisten(subscription.pattern);
  }

  #check(): void {
    if (this.#stopping) throw new PubSubStoppedError("the PubSubService has been stopped");
  }
}
