import type { IncomingMessage, ServerResponse } from "node:http";

import type {
  ContextConfigDefault,
  FastifyInstance,
  FastifyPluginAsync,
  FastifyPluginCallback,
  FastifyPluginOptions,
  FastifyRegisterOptions,
  FastifySchema,
  FastifyTypeProvider,
  RawServerDefault,
  RouteGenericInterface,
  RouteOptions,
} from "fastify";
import fp from "fastify-plugin";

import { addExpressMiddleware, type ExpressMiddleware } from "./express-middleware.js";
import type { RouteMethod, TypedFastify } from "./route-method.js";
import { addStaticFiles, type StaticFilesOptions } from "./static-files.js";
import {
  addWebSocketRoute,
  type WebSocketHandler,
  type WebSocketRouteOptions,
} from "./web-sockets.js";

/** What the routes of a group have in common. */
export interface GroupOptions {
  /** Before their paths: `"/v1"`. @default "" */
  readonly prefix?: string;
  /** Their version, a semantic one: a request says which it wants with `Accept-Version`. */
  readonly version?: string;
}

/**
 * Adds routes, plugins and what else answers requests, in the order of the calls: to a server, or to a group within it.
 */
export abstract class Routes<Provider extends FastifyTypeProvider> {
  /** Adds a route for GET, and for HEAD with it. */
  readonly get: RouteMethod<Provider, this> = this.#method("GET");
  /** Adds a route for POST. */
  readonly post: RouteMethod<Provider, this> = this.#method("POST");
  /** Adds a route for PUT. */
  readonly put: RouteMethod<Provider, this> = this.#method("PUT");
  /** Adds a route for PATCH. */
  readonly patch: RouteMethod<Provider, this> = this.#method("PATCH");
  /** Adds a route for DELETE. */
  readonly delete: RouteMethod<Provider, this> = this.#method("DELETE");

  /** The Fastify instance, for everything that has no method here. */
  abstract readonly fastify: TypedFastify<Provider>;
  /** The version of every route that is added, where there is one. */
  protected readonly version: string | undefined = undefined;

  /** Adds a route with everything in one object. */
  route<
    Route extends RouteGenericInterface = RouteGenericInterface,
    Config = ContextConfigDefault,
    const Schema extends FastifySchema = FastifySchema,
  >(
    options: RouteOptions<
      RawServerDefault,
      IncomingMessage,
      ServerResponse,
      Route,
      Config,
      Schema,
      Provider
    >,
  ): this {
    return this.#route(options as unknown as RouteOptions);
  }

  /**
   * Adds routes that have a prefix, a version, hooks and plugins in common:
   * `server.group("/admin", (admin) => { admin.register(authentication, { … }); admin.get("/users", …); })`.
   */
  group(
    options: string | GroupOptions,
    define: (group: RouteGroup<Provider>) => void | Promise<void>,
  ): this {
    const { prefix = "", version = this.version } =
      typeof options === "string" ? { prefix: options } : options;
    return this.add((instance) => {
      instance.register(
        async (scope) => {
          await define(
            new RouteGroup<Provider>(scope as unknown as TypedFastify<Provider>, version),
          );
        },
        { prefix },
      );
    });
  }

  /** Adds a Fastify plugin, as it is. */
  register<Options extends FastifyPluginOptions>(
    plugin: FastifyPluginCallback<Options> | FastifyPluginAsync<Options>,
    options?: FastifyRegisterOptions<Options>,
  ): this {
    this.fastify.register(plugin as FastifyPluginAsync<Options>, options as never);
    return this;
  }

  /**
   * Adds Express middleware, as it is, for every request or those below a path; needs `@fastify/express`. What it adds to
   * the request is at `request.raw`.
   */
  use(path: string, middleware: ExpressMiddleware): this;
  use(middleware: ExpressMiddleware): this;
  use(first: string | ExpressMiddleware, second?: ExpressMiddleware): this {
    return this.add((instance) => addExpressMiddleware(instance, first, second));
  }

  /** Serves the files of a directory below a prefix; needs `@fastify/static`. */
  static(prefix: string, directory: string, options: StaticFilesOptions = {}): this {
    return this.add((instance) => addStaticFiles(instance, prefix, directory, options));
  }

  /** Adds a route for WebSockets; needs `@fastify/websocket`. Other sites' pages are refused. */
  websocket(path: string, handler: WebSocketHandler, options: WebSocketRouteOptions = {}): this {
    return this.add((instance) => addWebSocketRoute(instance, path, handler, options));
  }

  /** Does something in the order of the calls, after the plugins registered before, in this scope. */
  protected add(act: (instance: FastifyInstance) => void | Promise<void>): this {
    this.fastify.register(
      fp(async (instance) => {
        await act(instance);
      }),
    );
    return this;
  }

  #route(route: RouteOptions): this {
    const { version } = this;
    const versioned =
      version === undefined ? {} : { constraints: { version, ...route.constraints } };
    return this.add((instance) => void instance.route({ ...route, ...versioned }));
  }

  #method(method: string): RouteMethod<Provider, this> {
    return (path: string, options: unknown, handler?: unknown) => {
      const route = handler ? { ...(options as object), handler } : { handler: options };
      return this.#route({ ...route, method, url: path } as RouteOptions);
    };
  }
}

/** Routes with something in common: see {@link Routes.group}. */
export class RouteGroup<Provider extends FastifyTypeProvider> extends Routes<Provider> {
  readonly fastify: TypedFastify<Provider>;
  protected override readonly version: string | undefined;

  constructor(fastify: TypedFastify<Provider>, version: string | undefined) {
    super();
    this.fastify = fastify;
    this.version = version;
  }
}
