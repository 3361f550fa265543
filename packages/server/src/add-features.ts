import { toMilliseconds, type Clock, type Lifecycle } from "@infra/interfaces";
import type { FastifyInstance } from "fastify";

import type { ActiveRequests } from "./active-requests.js";
import type { Connections } from "./connections.js";
import { addHealthRoutes } from "./health-routes.js";
import { addLoadShedding } from "./load-shedding.js";
import { addMetricsRoute, measureRequests } from "./metrics.js";
import { addMultipart } from "./multipart.js";
import { addOpenApi } from "./openapi.js";
import type { ResolvedServerOptions } from "./server-options.js";

/** What {@link addFeatures} works with. */
export interface FeatureParts {
  /** Does something in the order of the calls. */
  readonly add: (act: (instance: FastifyInstance) => void | Promise<void>) => void;
  /** Where probes and metrics are, when not with the rest. */
  readonly managing: FastifyInstance | undefined;
  readonly lifecycle: Lifecycle | undefined;
  readonly accepts: () => boolean;
  readonly requests: ActiveRequests;
  readonly connections: Connections;
  readonly clock: Clock;
}

/** Adds what the options ask for, in the order in which requests meet it. */
export function addFeatures(
  { openapi, health, metrics, multipart, maxEventLoopDelay }: ResolvedServerOptions,
  { add, managing, lifecycle, accepts, requests, connections, clock }: FeatureParts,
): void {
  if (metrics) {
    const settings = metrics === true ? {} : metrics;
    add(async (instance) => {
      const registry = await measureRequests(instance, settings, {
        inFlight: () => requests.size,
        connections: () => connections.size,
        clock,
      });
      addMetricsRoute(managing ?? instance, settings.path ?? "/metrics", registry);
    });
  }
  if (maxEventLoopDelay !== undefined) {
    const maxMs = toMilliseconds(maxEventLoopDelay, "maxEventLoopDelay");
    if (maxMs < Infinity) add((instance) => addLoadShedding(instance, maxMs));
  }
  if (multipart) add((instance) => addMultipart(instance, multipart === true ? {} : multipart));
  if (openapi) add((instance) => addOpenApi(instance, openapi));
  if (health) {
    add((instance) => addHealthRoutes(managing ?? instance, health, lifecycle, accepts));
  }
}
