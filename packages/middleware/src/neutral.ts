import type { IncomingHttpHeaders, ServerResponse } from "node:http";

import type {
  FastifyContextConfig,
  FastifyPluginAsync,
  FastifyReply,
  FastifyRequest,
  HookHandlerDoneFunction,
} from "fastify";
import fp from "fastify-plugin";

import { place } from "./order.js";

/** What a request of Fastify and one of Express have in common. */
export interface WebRequest {
  readonly method: string;
  /** Path and query as the client sent them, whatever it is mounted on. */
  readonly originalUrl: string;
  readonly headers: IncomingHttpHeaders;
  /** The client's address; behind a proxy that the framework trusts, the one that it names. */
  readonly ip?: string | undefined;
}

/** What a response of Fastify and one of Express have in common. */
export interface WebResponse {
  readonly statusCode: number;
  header(name: string, value: string): unknown;
  getHeader(name: string): number | string | readonly string[] | undefined;
  removeHeader(name: string): unknown;
}

/** What a route says of itself in its `config`: that of Fastify; nothing on Express, where a route has its own middleware. */
export type RouteConfig = Partial<FastifyContextConfig> & { readonly url?: string };

/** Looks at a request before its handler; what it throws answers it. */
export type Check = (
  request: WebRequest,
  response: WebResponse,
  config: RouteConfig,
) => void | Promise<void>;

/** The key under which a plugin keeps what makes it run on Express. */
export const neutral = Symbol.for("infra.middleware.neutral");

/** A Fastify plugin that runs on Express too: `app.use(onExpress(plugin, options))`. */
export interface NeutralPlugin<Options extends object> extends FastifyPluginAsync<Options> {
  readonly [neutral]: (options: Options) => Check;
}

/** How {@link definePlugin} makes a plugin of a check. */
interface PluginParts<Options extends object> {
  readonly name: string;
  /** The plugins that have to be registered before it, if they are there. */
  readonly after?: readonly string[];
  /** Before the body is read, or when it has been. @default "onRequest" */
  readonly hook?: "onRequest" | "preValidation" | "preHandler";
  /** Properties of the request that the check sets. */
  readonly request?: readonly string[];
  readonly create: (options: Options) => Check;
}

/** A Fastify plugin, not encapsulated, and what runs on Express, of one check. */
export function definePlugin<Options extends object>({
  name,
  after = [],
  hook = "onRequest",
  request: properties = [],
  create,
}: PluginParts<Options>): NeutralPlugin<Options> {
  const plugin: FastifyPluginAsync<Options> = async (fastify, options) => {
    place(fastify, name, after);
    const check = create(options);
    for (const property of properties) {
      // declared, so that setting it does not change the shape of a request
      if (!fastify.hasRequestDecorator(property)) fastify.decorateRequest(property, undefined);
    }
    fastify.addHook(
      hook as "onRequest",
      (request: FastifyRequest, reply: FastifyReply, next: HookHandlerDoneFunction) => {
        let pending: void | Promise<void>;
        try {
          pending = check(request, reply, request.routeOptions.config);
        } catch (error) {
          next(error as Error);
          return;
        }
        if (pending) void goOn(pending, next);
        else next();
      },
    );
  };
  const unscoped: FastifyPluginAsync<Options> = fp(plugin, {
    name: `@infra/middleware/${name}`,
    fastify: "5.x",
  });
  return withNeutral(unscoped, create);
}

/** Goes on when the work is done, or with what it failed with. */
export async function goOn(work: Promise<void>, next: (error?: Error) => void): Promise<void> {
  let failure: Error | undefined;
  try {
    await work;
  } catch (error) {
    failure = error as Error;
  }
  next(failure);
}

/** A Fastify plugin with what runs on Express beside it. */
export function withNeutral<Options extends object>(
  plugin: FastifyPluginAsync<Options>,
  create: (options: Options) => Check,
): NeutralPlugin<Options> {
  return Object.assign(plugin, { [neutral]: create });
}

/** Node.js's own response, below that of a framework. */
export function rawOf(response: WebResponse): ServerResponse {
  return "raw" in response
    ? (response.raw as ServerResponse)
    : (response as unknown as ServerResponse);
}

/** Adds to a header that may stand there already. */
export function appendHeader(response: WebResponse, name: string, value: string): void {
  const raw = rawOf(response);
  // Fastify adds to set-cookie by itself, and joins nothing else
  if (raw !== (response as unknown) && name === "set-cookie") {
    response.header(name, value);
    return;
  }
  const there = response.getHeader(name);
  if (there === undefined) response.header(name, value);
  else if (name === "set-cookie") raw.setHeader(name, [there, value].flat() as string[]);
  else response.header(name, [there, value].flat().join(", "));
}

/** Without the query, which may hold what must not be logged. */
export function pathOf(url: string): string {
  const end = url.indexOf("?");
  return end < 0 ? url : url.slice(0, end);
}

/** The value of a cookie that a request brings, as it stands there; `undefined` when there is none, or two. */
export function cookieOf(request: WebRequest, name: string): string | undefined {
  const { cookie } = request.headers;
  if (cookie === undefined || !cookie.includes(name)) return undefined;
  const values = cookie
    .split(";")
    .map((each) => each.trim())
    .filter((each) => each.startsWith(`${name}=`))
    .map((each) => each.slice(name.length + 1));
  return values.length === 1 ? values[0] : undefined;
}
