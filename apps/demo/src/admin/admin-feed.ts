import { hostname } from "node:os";

import {
  optional,
  section,
  systemClock,
  tokens,
  type Clock,
  type Inject,
  type Managed,
  type PubSub,
  type Subscription,
} from "@infra/interfaces";
import { LoggerService } from "@infra/logging";

import { appConfig } from "../app-config.js";
import { adminTopic } from "../contract.js";
import {
  rememberedSeconds,
  type AdminEvent,
  type LogLine,
  type Point,
  type ProcessInfo,
  type ProcessSeries,
} from "./contract.js";
import { ProcessMeter } from "./process-meter.js";
import { RecentLogs } from "./recent-logs.js";

/** Collaborators of {@link AdminFeed}. */
interface FeedDependencies {
  readonly logger: LoggerService;
  readonly meter: ProcessMeter;
  readonly pubsub: PubSub;
  readonly clock?: Clock | undefined;
}

const everyMs = 1_000;
const mostLines = 2_000;

/**
 * Publishes once a second what this process measured and logged, and remembers what all processes did: whichever is asked
 * knows of the others, and the page hears of all of them by one topic.
 */
export class AdminFeed implements Managed {
  static readonly inject: Inject<typeof AdminFeed> = {
    options: section(appConfig),
    logger: LoggerService,
    meter: ProcessMeter,
    pubsub: tokens.pubsub,
    clock: optional(tokens.clock),
  };
  readonly process: ProcessInfo;
  readonly #deps: FeedDependencies;
  readonly #clock: Clock;
  readonly #logs = new RecentLogs();
  readonly #points = new Map<string, { readonly process: ProcessInfo; readonly points: Point[] }>();
  readonly #lines: LogLine[] = [];
  #subscription: Subscription | undefined;
  #cancel: (() => void) | undefined;

  constructor({ role }: { readonly role: string }, deps: FeedDependencies) {
    this.#deps = deps;
    this.#clock = deps.clock ?? systemClock;
    deps.logger.addTransport(this.#logs);
    const startedAt = this.#clock.now();
    const name = `${role} ${process.pid}`;
    this.process = { id: `${hostname()}:${process.pid}:${startedAt}`, name, role, startedAt };
  }

  /** Of all processes, the oldest first. */
  get series(): readonly ProcessSeries[] {
    return [...this.#points.values()].toSorted((a, b) => a.process.startedAt - b.process.startedAt);
  }

  /** Of all processes, as they came. */
  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  async start(): Promise<void> {
    const remember = (event: AdminEvent): void => this.#remember(event);
    this.#subscription = await this.#deps.pubsub.subscribe<AdminEvent>(adminTopic, remember);
    this.#next();
  }

  async stop(): Promise<void> {
    this.#cancel?.();
    await this.#subscription?.close();
  }

  #next(): void {
    const publish = (): void => {
      this.#next();
      this.#publish().catch((error: unknown) =>
        this.#deps.logger.warn("the operators are not told", { error }),
      );
    };
    this.#cancel = this.#clock.setTimeout(publish, everyMs, { unref: true });
  }

  async #publish(): Promise<void> {
    const { meter, pubsub } = this.#deps;
    await pubsub.publish<AdminEvent>(adminTopic, {
      process: this.process,
      point: meter.sample(this.#clock.now()),
      lines: this.#logs.take(this.process),
    });
  }

  #remember({ process: of, point, lines }: AdminEvent): void {
    const known = this.#points.get(of.id) ?? { process: of, points: [] };
    this.#points.set(of.id, known);
    known.points.push(point);
    const oldest = point.at - rememberedSeconds * everyMs;
    for (const [id, { points }] of this.#points) {
      while (points[0] && points[0].at < oldest) points.shift();
      // one that has been gone for so long is forgotten
      if (points.length === 0) this.#points.delete(id);
    }
    this.#lines.push(...lines);
    this.#lines.splice(0, this.#lines.length - mostLines);
  }
}
