import { importPeer } from "@infra/errors";
import type { Clock } from "@infra/interfaces";
import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";

import { open } from "./health-routes.js";

/** What collects metrics: a `Registry` of `prom-client`. */
export interface MetricsRegistry {
  readonly contentType: string;
  metrics(): Promise<string>;
}

/** Options of the metrics. */
export interface MetricsOptions {
  /** Where they are. @default "/metrics" */
  readonly path?: string;
  /** A registry of `prom-client` to add to, with metrics of your own. @default a new one */
  readonly registry?: MetricsRegistry;
  /** Adds what `prom-client` knows of the process: memory, garbage collection, event loop. @default true */
  readonly process?: boolean;
  /** The bounds of the histogram of durations, in seconds. @default 5 ms to 10 s */
  readonly buckets?: readonly number[];
}

/** What is counted without being asked. */
interface Gauges {
  readonly inFlight: () => number;
  readonly connections: () => number;
  readonly clock: Clock;
}

/**
 * Measures the requests of an application, for Prometheus: `http_request_duration_seconds` by method, route and status,
 * `http_requests_in_flight`, `http_connections`. Resolves to the registry.
 *
 * @throws PeerMissingError (`ERR_PEER_MISSING`) when prom-client is not installed.
 */
export async function measureRequests(
  instance: FastifyInstance,
  options: MetricsOptions,
  { inFlight, connections, clock }: Gauges,
): Promise<MetricsRegistry> {
  const client = await importPeer("prom-client", () => import("prom-client"), {
    for: "the option metrics",
  });
  const registry = (options.registry as Registry | undefined) ?? new client.Registry();
  const registers = [registry];
  const durations = new client.Histogram({
    name: "http_request_duration_seconds",
    help: "How long requests took, to the end of the response.",
    labelNames: ["method", "route", "status"],
    buckets: [...(options.buckets ?? [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10])],
    registers,
  });
  for (const [name, help, read] of [
    ["http_requests_in_flight", "Requests under way.", inFlight],
    ["http_connections", "Open connections.", connections],
  ] as const) {
    void new client.Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  }
  if (options.process !== false) client.collectDefaultMetrics({ register: registry });
  instance.addHook("onRequest", (request, reply, next) => {
    const startedAt = clock.monotonic();
    reply.raw.once("close", () => {
      const status = reply.raw.writableEnded ? reply.statusCode : 499;
      // by its pattern: as many series as there are routes, whatever clients ask for
      const route = request.routeOptions.url ?? "none";
      durations.observe(
        { method: request.method, route, status },
        (clock.monotonic() - startedAt) / 1000,
      );
    });
    next();
  });
  return registry;
}

/** Answers with what was measured. */
export function addMetricsRoute(
  instance: FastifyInstance,
  path: string,
  registry: MetricsRegistry,
): void {
  instance.get(
    path,
    {
      config: open,
      schema: { hide: true },
    },
    async (_request, reply) =>
      reply
        .header("content-type", registry.contentType)
        .header("cache-control", "no-store")
        .send(await registry.metrics()),
  );
}
