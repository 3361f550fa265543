import { importPeer } from "@infra/errors";
import type { FastifyInstance } from "fastify";

/** Middleware as Express and Connect have it, an application or a router of Express too. */
export type ExpressMiddleware = (
  request: never,
  response: never,
  next: (error?: unknown) => void,
) => unknown;

interface WithExpress {
  use(...args: readonly unknown[]): unknown;
}

/** @throws PeerMissingError (`ERR_PEER_MISSING`) when @fastify/express is not installed. */
export async function addExpressMiddleware(
  instance: FastifyInstance,
  first: string | ExpressMiddleware,
  second: ExpressMiddleware | undefined,
): Promise<void> {
  if (!instance.hasDecorator("express")) {
    const { default: fastifyExpress } = await importPeer(
      "@fastify/express",
      () => import("@fastify/express"),
      { for: "use()" },
    );
    await instance.register(fastifyExpress);
  }
  const application = instance as unknown as WithExpress;
  application.use(...(second === undefined ? [first] : [first, second]));
}
