import { isAbsolute, resolve } from "node:path";

import { importPeer } from "@infra/errors";
import { toMilliseconds, type Duration } from "@infra/interfaces";
import type { FastifyInstance } from "fastify";

/** Options of `static()`. */
export interface StaticFilesOptions {
  /** How long clients may keep a file without asking again. @default 0: they ask, and get a 304 */
  readonly maxAge?: Duration;
  /** The files never change: their names say what is in them. @default false */
  readonly immutable?: boolean;
  /** What is served for a directory; `false` for nothing. @default "index.html" */
  readonly index?: string | false;
}

/** @throws PeerMissingError (`ERR_PEER_MISSING`) when @fastify/static is not installed. */
export async function addStaticFiles(
  instance: FastifyInstance,
  prefix: string,
  directory: string,
  { maxAge = 0, immutable = false, index = "index.html" }: StaticFilesOptions,
): Promise<void> {
  const { default: fastifyStatic } = await importPeer(
    "@fastify/static",
    () => import("@fastify/static"),
    { for: "static()" },
  );
  // in a scope of its own, so that there may be several
  await instance.register(async (scope) => {
    await scope.register(fastifyStatic, {
      root: isAbsolute(directory) ? directory : resolve(directory),
      prefix,
      decorateReply: false,
      // what begins with a dot is not for the world
      dotfiles: "ignore",
      maxAge: toMilliseconds(maxAge, "maxAge"),
      immutable,
      index,
    });
  });
}
