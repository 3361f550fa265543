import { importPeer, UnavailableError } from "@infra/errors";
import type { FastifyInstance } from "fastify";

/**
 * Answers with 503 while the event loop is later than this: requests that are under way get done, instead of all getting
 * slow. Probes are answered all the same: a busy process is not a broken one.
 *
 * @throws PeerMissingError (`ERR_PEER_MISSING`) when @fastify/under-pressure is not installed.
 */
export async function addLoadShedding(instance: FastifyInstance, maxMs: number): Promise<void> {
  const { default: underPressure } = await importPeer(
    "@fastify/under-pressure",
    () => import("@fastify/under-pressure"),
    { for: "the option maxEventLoopDelay" },
  );
  await instance.register(underPressure, {
    maxEventLoopDelay: maxMs,
    sampleInterval: 250,
    pressureHandler(_request, reply) {
      reply.header("retry-after", "5");
      throw new UnavailableError("the event loop is too late", {
        publicMessage: "The server is too busy. Please try again.",
      });
    },
  });
}
