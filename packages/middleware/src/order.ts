import type { FastifyInstance, RouteOptions } from "fastify";

import { OrderError } from "./errors.js";

/** Where a plugin stands: what has to be registered before it, if it is there at all. */
export interface Place {
  readonly name: string;
  readonly after: readonly string[];
}

/** A route, and the plugins that it passes through in the order in which they were registered. */
export interface RouteMiddleware {
  readonly method: string;
  readonly url: string;
  readonly middleware: readonly string[];
}

const placed = Symbol.for("infra.middleware.placed");
const routes = Symbol.for("infra.middleware.routes");

type Scope = FastifyInstance & {
  [placed]?: readonly Place[];
  [routes]?: Map<RouteOptions, FastifyInstance>;
};

/**
 * Takes a plugin's place: what is registered on an instance holds for it and for what is below it.
 *
 * @throws OrderError (`ERR_MIDDLEWARE_ORDER`), so that the application does not boot, when a plugin comes before one that it
 * must come after. Several of one kind may stand side by side.
 */
export function place(fastify: FastifyInstance, name: string, after: readonly string[] = []): void {
  const scope = fastify as Scope;
  const before = scope[placed] ?? [];
  const early = before.find((each) => each.after.includes(name) && each.name !== name);
  if (early) {
    throw new OrderError(
      `${early.name} is registered before ${name}, and has to come after it: register ${name} first`,
      { details: { first: name, second: early.name } },
    );
  }
  // an array of its own, so that what a child scope adds does not reach its parent
  scope[placed] = [...before, { name, after }];
  if (scope[routes]) return;
  const known = (registries.get(fastify.server) ?? new Map()) as Map<RouteOptions, FastifyInstance>;
  registries.set(fastify.server, known);
  scope[routes] = known;
  fastify.addHook("onRoute", function (route) {
    known.set(route, this);
  });
}

const registries = new WeakMap<object, Map<RouteOptions, FastifyInstance>>();

/** The routes that were added after the first plugin, each with what it passes through. Ask when the application is ready. */
export function routeMiddleware(fastify: FastifyInstance): readonly RouteMiddleware[] {
  return [...(registries.get(fastify.server) ?? [])].flatMap(([route, scope]) =>
    [route.method].flat().map((method) => ({
      method,
      url: route.url,
      middleware: ((scope as Scope)[placed] ?? []).map(({ name }) => name),
    })),
  );
}

/** {@link routeMiddleware} as text: `GET /notes/:id  request-id > security-headers > error-handler`. */
export function printMiddleware(fastify: FastifyInstance): string {
  const rows = routeMiddleware(fastify).map(({ method, url, middleware }) => ({
    route: `${method} ${url}`,
    middleware: middleware.join(" > "),
  }));
  const width = Math.max(0, ...rows.map(({ route }) => route.length));
  return rows.map(({ route, middleware }) => `${route.padEnd(width)}  ${middleware}`).join("\n");
}
