import type { Lifecycle, ProbeKind } from "@infra/interfaces";
import type { FastifyInstance } from "fastify";

const kinds: readonly ProbeKind[] = ["live", "ready", "startup"];

/** Open to whoever asks, whatever plugins there are: an orchestrator has no account, and asks in the worst moments. */
export const open = {
  accessLog: "debug",
  authentication: "none",
  concurrency: false,
  ipFilter: false,
  maintenance: false,
  pressureHandler: () => undefined,
  rateLimit: false,
  tenant: "none",
} as const;

/**
 * Answers `live`, `ready` and `startup` under a path: 200 while the application is up or degraded, 503 while it is down.
 * Without a lifecycle the server speaks for itself: it lives if it can answer, and is ready while it accepts.
 */
export function addHealthRoutes(
  fastify: FastifyInstance,
  path: string,
  lifecycle: Lifecycle | undefined,
  accepts: () => boolean,
): void {
  for (const kind of kinds) {
    fastify.get(
      `${path}/${kind}`,
      { config: open, schema: { hide: true } },
      async (_request, reply) => {
        const summary = lifecycle
          ? await lifecycle.probe(kind)
          : { status: kind === "live" || accepts() ? "up" : "down" };
        return reply
          .code(summary.status === "down" ? 503 : 200)
          .header("cache-control", "no-store")
          .send(summary);
      },
    );
  }
}
