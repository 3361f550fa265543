import type { IncomingMessage, ServerResponse } from "node:http";

import type {
  ContextConfigDefault,
  FastifyBaseLogger,
  FastifyInstance,
  FastifySchema,
  FastifyTypeProvider,
  RawServerDefault,
  RouteGenericInterface,
  RouteHandlerMethod,
  RouteShorthandOptions,
} from "fastify";

/** A Fastify instance whose handlers are typed by `Provider`. */
export type TypedFastify<Provider extends FastifyTypeProvider> = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  Provider
>;

/**
 * Adds a route: `server.get("/notes/:id", { schema }, handler)`. The handler's request and reply are typed by the schema
 * through the type provider, or by `server.get<{ Params: { id: string } }>(…)`, exactly as in Fastify.
 */
export interface RouteMethod<Provider extends FastifyTypeProvider, Self> {
  <
    Route extends RouteGenericInterface = RouteGenericInterface,
    Config = ContextConfigDefault,
    const Schema extends FastifySchema = FastifySchema,
  >(
    path: string,
    options: RouteShorthandOptions<
      RawServerDefault,
      IncomingMessage,
      ServerResponse,
      Route,
      Config,
      Schema,
      Provider
    >,
    handler: Handler<Route, Config, Schema, Provider>,
  ): Self;
  <
    Route extends RouteGenericInterface = RouteGenericInterface,
    Config = ContextConfigDefault,
    const Schema extends FastifySchema = FastifySchema,
  >(
    path: string,
    handler: Handler<Route, Config, Schema, Provider>,
  ): Self;
}

type Handler<
  Route extends RouteGenericInterface,
  Config,
  Schema extends FastifySchema,
  Provider extends FastifyTypeProvider,
> = RouteHandlerMethod<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  Route,
  Config,
  Schema,
  Provider
>;
