import type { Lifecycle, ProbeKind } from "@infra/interfaces";
import type { FastifyInstance } from "fastify";

const kinds: readonly ProbeKind[] = ["live", "ready", "startup"];

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
      { config: { accessLog: "debug" }, schema: { hide: true } },
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
