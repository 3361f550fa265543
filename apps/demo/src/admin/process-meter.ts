import {
  createHistogram,
  monitorEventLoopDelay,
  type IntervalHistogram,
  type RecordableHistogram,
} from "node:perf_hooks";

import { CacheService } from "@infra/cache";
import { optional, type Inject, type Managed } from "@infra/interfaces";
import { JobsService } from "@infra/jobs";
import { GatewayService } from "@infra/pubsub/gateway";
import { ServerManager } from "@infra/server";

import type { Point } from "./contract.js";

/** Collaborators of {@link ProcessMeter}. */
interface Measured {
  readonly server: ServerManager;
  readonly cache: CacheService;
  readonly jobs: JobsService;
  /** Workers have none. */
  readonly gateway?: GatewayService | undefined;
}

/** How often the event loop is looked at, which its delays hold too. */
const resolutionMs = 10;

/** Measures this process: the answers of its server by a hook, the rest by the `stats()` of its services. */
export class ProcessMeter implements Managed {
  static readonly inject: Inject<typeof ProcessMeter> = {
    server: ServerManager,
    cache: CacheService,
    jobs: JobsService,
    gateway: optional(GatewayService),
  };
  readonly #measured: Measured;
  /** In microseconds, above zero. */
  readonly #latency: RecordableHistogram = createHistogram();
  readonly #loop: IntervalHistogram = monitorEventLoopDelay({ resolution: resolutionMs });
  #errors = 0;
  #earlier: Totals;

  constructor(measured: Measured) {
    this.#measured = measured;
    this.#earlier = totalsOf(measured);
    measured.server.fastify.addHook("onResponse", (_request, reply, done) => {
      this.#latency.record(Math.max(1, Math.round(reply.elapsedTime * 1000)));
      if (reply.statusCode >= 500) this.#errors += 1;
      done();
    });
  }

  async start(): Promise<void> {
    this.#loop.enable();
  }

  async stop(): Promise<void> {
    this.#loop.disable();
  }

  /** What happened since the last call. */
  sample(at: number): Point {
    const totals = totalsOf(this.#measured);
    const since = (name: keyof Totals): number => totals[name] - this.#earlier[name];
    const requests = this.#latency.count;
    const percentileMs = (share: number): number => round(this.#latency.percentile(share) / 1000);
    const memory = process.memoryUsage();
    const point: Point = {
      at,
      requests,
      errors: this.#errors,
      ...(requests > 0 && { p50Ms: percentileMs(50), p99Ms: percentileMs(99) }),
      eventLoopMs: round(Math.max(0, this.#loop.percentile(99) / 1e6 - resolutionMs)),
      cpu: round(since("cpuUs") / Math.max(1, since("us"))),
      rssBytes: memory.rss,
      heapBytes: memory.heapUsed,
      cacheHits: since("hits"),
      cacheMisses: since("misses"),
      sockets: this.#measured.gateway?.stats().connections ?? 0,
      jobsRunning: this.#measured.jobs.stats().running,
      jobsEnded: since("jobs"),
    };
    this.#earlier = totals;
    this.#errors = 0;
    this.#latency.reset();
    this.#loop.reset();
    return point;
  }
}

type Totals = Readonly<Record<"us" | "cpuUs" | "hits" | "misses" | "jobs", number>>;

/** What only grows. */
function totalsOf({ cache, jobs }: Measured): Totals {
  const { user, system } = process.cpuUsage();
  const { memoryHits, storeHits, staleHits, misses } = cache.stats();
  const { completed, failed } = jobs.stats();
  return {
    us: performance.now() * 1000,
    cpuUs: user + system,
    hits: memoryHits + storeHits + staleHits,
    misses,
    jobs: completed + failed,
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
