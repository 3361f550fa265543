import { stat } from "node:fs/promises";
import { extname, isAbsolute, join, resolve, sep } from "node:path";

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
  /**
   * For an application in one page: what is served for a path that no file has, is below none of `except`, and whose last part
   * has no extension. @default none: 404
   */
  readonly fallback?: { readonly file: string; readonly except?: readonly string[] };
}

/** @throws PeerMissingError (`ERR_PEER_MISSING`) when @fastify/static is not installed. */
export async function addStaticFiles(
  instance: FastifyInstance,
  prefix: string,
  directory: string,
  { maxAge = 0, immutable = false, index = "index.html", fallback }: StaticFilesOptions,
): Promise<void> {
  const { default: fastifyStatic } = await importPeer(
    "@fastify/static",
    () => import("@fastify/static"),
    { for: "static()" },
  );
  const root = isAbsolute(directory) ? directory : resolve(directory);
  // in a scope of its own, so that there may be several
  await instance.register(async (scope) => {
    await scope.register(fastifyStatic, {
      root,
      prefix,
      decorateReply: fallback !== undefined,
      serve: fallback === undefined,
      // what begins with a dot is not for the world
      dotfiles: "ignore",
      maxAge: toMilliseconds(maxAge, "maxAge"),
      immutable,
      index,
    });
    if (!fallback) return;
    const { file, except = [] } = fallback;
    scope.get<{ Params: { "*": string } }>(
      `${prefix}*`,
      { schema: { hide: true } },
      async (request, reply) => {
        // not by URL, which can't read "//"
        if (except.some((each) => request.url.startsWith(each))) return reply.callNotFound();
        const path = request.params["*"];
        const isPage = extname(path) === "" && !(await isFile(root, path));
        return reply.sendFile(isPage ? file : path);
      },
    );
  });
}

/** Whether there is a file of this name; what leads out of the folder is none. */
async function isFile(root: string, path: string): Promise<boolean> {
  const at = join(root, path);
  if (!at.startsWith(root + sep) || path.includes("\0")) return false;
  return await stat(at).then(
    (found) => found.isFile(),
    () => false,
  );
}
