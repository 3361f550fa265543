import { importPeer } from "@infra/errors";

import { BullJobEngine } from "./bull/bull-engine.js";
import { JobsUnsupportedError } from "./errors.js";
import type { JobsService } from "./jobs-service.js";

/** Options of {@link jobsDashboard}. */
export interface JobsDashboardOptions<Request = unknown> {
  /** Whose jobs are shown. */
  readonly jobs: JobsService | readonly JobsService[];
  /**
   * Who may see and change jobs: asked at each request, the files of the page included. Throws, or gives `false`, for no.
   */
  readonly guard: (request: Request) => boolean | Promise<boolean>;
  /** Where the page is. @default "/jobs" */
  readonly path?: string | undefined;
  /** A browser that is refused asks for a name and a password for this realm (Basic). @default it is refused (403) */
  readonly realm?: string | undefined;
  /** Whether jobs can be looked at only. @default false */
  readonly readOnly?: boolean | undefined;
}

/** A Fastify instance, as far as the dashboard goes. */
export interface DashboardServer {
  register(plugin: (instance: never) => Promise<void>, options?: object): unknown;
}

interface Instance {
  addHook(name: "onRequest", hook: (request: unknown, reply: Reply) => Promise<unknown>): unknown;
  addHook(
    name: "onSend",
    hook: (request: unknown, reply: Reply, payload: unknown) => Promise<unknown>,
  ): unknown;
  register(plugin: unknown, options: object): unknown;
}

interface Reply {
  code(status: number): Reply;
  header(name: string, value: string): Reply;
  getHeader(name: string): unknown;
  send(body: unknown): unknown;
}

/**
 * bull-board behind a guard, as a Fastify plugin: `server.fastify.register(jobsDashboard({ jobs, guard }))`. Needs the
 * packages `@bull-board/api` and `@bull-board/fastify`.
 *
 * @throws JobsUnsupportedError (`ERR_JOBS_UNSUPPORTED`), when it is registered, for jobs in memory.
 * @throws TypeError when there is no guard.
 */
export function jobsDashboard<Request>(
  options: JobsDashboardOptions<Request>,
): (instance: unknown) => Promise<void> {
  const { jobs, guard, path = "/jobs", realm, readOnly = false } = options;
  if (typeof guard !== "function") {
    throw new TypeError(`jobsDashboard: guard must be a function, got ${typeof guard}`);
  }
  const services = Array.isArray(jobs) ? (jobs as readonly JobsService[]) : [jobs as JobsService];
  return async (given) => {
    const instance = given as Instance;
    const packages = { for: "the dashboard", install: "@bull-board/api @bull-board/fastify" };
    const [{ createBullBoard }, { BullMQAdapter }, { FastifyAdapter }] = await Promise.all([
      importPeer("@bull-board/api", () => import("@bull-board/api"), packages),
      importPeer("@bull-board/api", () => import("@bull-board/api/bullMQAdapter"), packages),
      importPeer("@bull-board/fastify", () => import("@bull-board/fastify"), packages),
    ]);
    const adapter = new FastifyAdapter();
    adapter.setBasePath(path);
    const queues = await Promise.all(
      services.map(
        async (each) =>
          new BullMQAdapter((await queueOf(each)) as never, { readOnlyMode: readOnly }),
      ),
    );
    createBullBoard({ queues, serverAdapter: adapter });
    // before anything else of this plugin, the page's own files included
    instance.addHook("onRequest", async (request, reply) => {
      let allowed = false;
      try {
        allowed = await guard(request as Request);
      } catch {
        // no is the answer to whoever can't be known
      }
      if (allowed) return undefined;
      if (realm === undefined) return reply.code(403).send({ error: "forbidden" });
      reply.header("www-authenticate", `Basic realm=${JSON.stringify(realm)}`);
      return reply.code(401).send({ error: "unauthenticated" });
    });
    instance.addHook("onSend", async (_, reply, payload) => {
      const isPage = String(reply.getHeader("content-type")).startsWith("text/html");
      return isPage && typeof payload === "string" ? ownLinksOnly(payload) : payload;
    });
    instance.register(adapter.registerPlugin(), { prefix: path });
  };
}

/** bull-board's page asks another host for fonts, and would tell it who looks at jobs: it does without. */
function ownLinksOnly(page: string): string {
  return page.replaceAll(/<link [^>]*href="https?:[^>]*>/g, "");
}

async function queueOf({ engine }: JobsService): Promise<unknown> {
  if (engine instanceof BullJobEngine) return engine.bull();
  throw new JobsUnsupportedError(
    `the dashboard shows jobs in Redis or PostgreSQL, not those of the engine ${engine.name}`,
  );
}
