import { lookup } from "node:dns/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import {
  optional,
  section,
  silentLogger,
  systemClock,
  tokens,
  type Clock,
  type HealthReport,
  type HttpServer,
  type Inject,
  type Lifecycle,
  type Logger,
  type Managed,
  type StartContext,
  type StopContext,
  type Token,
} from "@infra/interfaces";
import type {
  ContextConfigDefault,
  FastifyInstance,
  FastifyPluginAsync,
  FastifyPluginCallback,
  FastifyPluginOptions,
  FastifyRegisterOptions,
  FastifySchema,
  FastifyTypeProvider,
  FastifyTypeProviderDefault,
  InjectOptions,
  LightMyRequestResponse,
  RawServerDefault,
  RouteGenericInterface,
  RouteOptions,
} from "fastify";
import fp from "fastify-plugin";

import { ActiveRequests } from "./active-requests.js";
import { serverConfig } from "./config.js";
import { Connections } from "./connections.js";
import { createFastify } from "./create-fastify.js";
import { drain, type CutRequest } from "./drain.js";
import { ServerStoppedError } from "./errors.js";
import { addHealthRoutes } from "./health-routes.js";
import { listenError, urlOf } from "./listen-address.js";
import { addOpenApi } from "./openapi.js";
import type { RouteMethod, TypedFastify } from "./route-method.js";
import {
  resolveServerOptions,
  type ResolvedServerOptions,
  type ServerOptions,
} from "./server-options.js";

/** Collaborators of {@link ServerManager}. */
export interface ServerDependencies {
  /** Gets the access log, errors, and what Fastify and its plugins log. @default none of it */
  readonly logger?: Logger | undefined;
  /** Answers the health probes. @default up while it listens */
  readonly lifecycle?: Lifecycle | undefined;
  /** @default the system's */
  readonly clock?: Clock | undefined;
}

/** What {@link ServerManager.stats} counts. */
export interface ServerStats {
  /** Requests seen so far. */
  readonly requests: number;
  /** Requests under way. */
  readonly inFlight: number;
  /** Open connections. */
  readonly connections: number;
  /** Requests answered with 503 because their handler took too long. */
  readonly timedOut: number;
  /** Requests that the stop could not wait for. */
  readonly cut: number;
}

/**
 * An HTTP server on Fastify. Routes and plugins are added before {@link ServerManager.start}; Fastify itself is at
 * {@link ServerManager.fastify}.
 */
export class ServerManager<Provider extends FastifyTypeProvider = FastifyTypeProviderDefault>
  implements HttpServer, Managed
{
  static readonly provides: Token<HttpServer> = tokens.server;
  static readonly inject: Inject<typeof ServerManager> = {
    options: section(serverConfig),
    logger: optional(tokens.logger),
    lifecycle: optional(tokens.lifecycle),
    clock: optional(tokens.clock),
  };

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

  /**
   * The Fastify application, for everything that has no method here. What is added to it directly is added before what
   * waits for `start()`, so that the OpenAPI document does not see its routes: use `register`.
   */
  readonly fastify: TypedFastify<Provider>;

  readonly #options: ResolvedServerOptions;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #requests: ActiveRequests;
  readonly #connections: Connections;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  #url: string | undefined;
  #booted = false;
  #cut: readonly CutRequest[] = [];

  /** @throws RangeError or TypeError when an option is not what it should be. */
  constructor(options: ServerOptions = {}, deps: ServerDependencies = {}) {
    this.#options = resolveServerOptions(options);
    this.#logger = deps.logger?.child({ category: "server" }) ?? silentLogger;
    this.#clock = deps.clock ?? systemClock;
    this.#connections = new Connections();
    this.#requests = new ActiveRequests(
      this.#connections,
      this.#clock,
      this.#options.handlerTimeout,
    );
    const { lifecycle } = deps;
    const app = createFastify(this.#options, {
      logger: deps.logger && this.#logger,
      clock: this.#clock,
      requests: this.#requests,
      connectionEnds: () => lifecycle?.state === "stopping",
    });
    this.fastify = app as unknown as TypedFastify<Provider>;
    this.#connections.attach(app.server);
    app.addHook("onReady", (done) => {
      this.#booted = true;
      done();
    });
    const { openapi, health, routes = [] } = this.#options;
    if (openapi) this.#whenBooting((instance) => addOpenApi(instance, openapi));
    if (health) {
      this.#whenBooting((instance) =>
        addHealthRoutes(instance, health, lifecycle, () => this.#accepts),
      );
    }
    for (const route of routes) this.#whenBooting((instance) => void instance.route(route));
  }

  /** The address clients use; `undefined` while it does not listen. */
  get url(): string | undefined {
    return this.#url;
  }

  /** Types the handlers by another provider: `server.withTypeProvider<TypeBoxTypeProvider>()`. The same server. */
  withTypeProvider<P extends FastifyTypeProvider>(): ServerManager<P> {
    return this;
  }

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
    this.#whenBooting((instance) => void instance.route(options as unknown as RouteOptions));
    return this;
  }

  /** Adds a Fastify plugin, loaded in the order of the calls. */
  register<Options extends FastifyPluginOptions>(
    plugin: FastifyPluginCallback<Options> | FastifyPluginAsync<Options>,
    options?: FastifyRegisterOptions<Options>,
  ): this {
    this.fastify.register(plugin as FastifyPluginAsync<Options>, options as never);
    return this;
  }

  /** Sends a request without a network; loads the plugins first when that has not happened. */
  inject(request: InjectOptions | string): Promise<LightMyRequestResponse> {
    return this.fastify.inject(request);
  }

  /**
   * Loads the plugins and listens.
   *
   * @throws ServerAddressInUseError, ServerListenError when the address can't be had: `start` may be called again.
   * @throws ServerStoppedError after `stop`.
   */
  async start(context: StartContext = {}): Promise<void> {
    if (this.#stopping) {
      throw new ServerStoppedError("a stopped server can't be started again: make a new one");
    }
    this.#starting ??= this.#listen(context).catch((error: unknown) => {
      this.#starting = undefined;
      throw error;
    });
    return this.#starting;
  }

  /**
   * Stops accepting, answers what is under way with `Connection: close`, closes idle connections, and cuts what is left
   * when `stopTimeout` is over or the signal is aborted, with a line in the log for each.
   */
  async stop(context: StopContext = {}): Promise<void> {
    this.#stopping ??= this.#stop(context);
    return this.#stopping;
  }

  /** Up while it listens. */
  async health(): Promise<HealthReport> {
    const details = { inFlight: this.#requests.size, connections: this.#connections.size };
    if (this.#accepts) return { status: "up", details: { ...details, url: this.#url! } };
    return {
      status: "down",
      message: this.#stopping ? "the server is stopping" : "the server does not listen",
      details,
    };
  }

  stats(): ServerStats {
    return {
      requests: this.#requests.total,
      inFlight: this.#requests.size,
      connections: this.#connections.size,
      timedOut: this.#requests.timedOut,
      cut: this.#cut.length,
    };
  }

  /** The requests that the stop could not wait for. */
  get cutRequests(): readonly CutRequest[] {
    return this.#cut;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  get #accepts(): boolean {
    return this.#url !== undefined && this.#stopping === undefined;
  }

  #method(method: string): RouteMethod<Provider, this> {
    return (path: string, options: unknown, handler?: unknown) => {
      const route = handler ? { ...(options as object), handler } : { handler: options };
      this.#whenBooting(
        (instance) => void instance.route({ ...route, method, url: path } as RouteOptions),
      );
      return this;
    };
  }

  /** In the order of the calls, after the plugins registered before, in the application's own scope. */
  #whenBooting(add: (instance: FastifyInstance) => void | Promise<void>): void {
    this.fastify.register(
      fp(async (instance) => {
        await add(instance);
      }),
    );
  }

  async #listen({ signal }: StartContext): Promise<void> {
    signal?.throwIfAborted();
    await this.fastify.ready();
    signal?.throwIfAborted();
    const { host, port } = this.#options;
    try {
      // For the name localhost Fastify opens a second server, whose connections a stop does not wait for.
      const address = host === "localhost" ? (await lookup(host)).address : host;
      await this.fastify.listen({
        host: address,
        port,
        listenTextResolver: (origin) => `listening on ${origin}`,
      });
    } catch (error) {
      throw listenError(error, host, port);
    }
    this.#url = urlOf(this.fastify.server.address() as AddressInfo, host);
    this.#requests.watch();
  }

  async #stop({ signal }: StopContext): Promise<void> {
    // a server that runs drains from this very moment
    if (this.#url === undefined) await this.#starting?.catch(() => undefined);
    this.#requests.unwatch();
    // closing what has not been booted would boot it first
    if (!this.#booted) return;
    this.#cut = await drain({
      requests: this.#requests,
      connections: this.#connections,
      clock: this.#clock,
      logger: this.#logger,
      timeoutMs: this.#options.stopTimeout,
      signal,
      close: async () => {
        await this.fastify.close();
      },
    });
    this.#url = undefined;
  }
}
