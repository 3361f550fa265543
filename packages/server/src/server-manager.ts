import { lookup } from "node:dns/promises";
import type { Server } from "node:http";
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
import type { StandardSchemaTypeProvider } from "@infra/middleware/validation";
import type { FastifyTypeProvider, InjectOptions, LightMyRequestResponse } from "fastify";

import { ActiveRequests } from "./active-requests.js";
import { addFeatures } from "./add-features.js";
import { serverConfig } from "./config.js";
import { Connections } from "./connections.js";
import { createFastify } from "./create-fastify.js";
import { drain, type CutRequest } from "./drain.js";
import { ServerStoppedError } from "./errors.js";
import { listenError, removeStaleSocket, urlOf } from "./listen-address.js";
import { ManagementServer } from "./management.js";
import type { TypedFastify } from "./route-method.js";
import { RouteTable, type RouteEntry } from "./route-table.js";
import { Routes } from "./routes.js";
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
export class ServerManager<Provider extends FastifyTypeProvider = StandardSchemaTypeProvider>
  extends Routes<Provider>
  implements HttpServer, Managed
{
  static readonly provides: Token<HttpServer> = tokens.server;
  static readonly inject: Inject<typeof ServerManager> = {
    options: section(serverConfig),
    logger: optional(tokens.logger),
    lifecycle: optional(tokens.lifecycle),
    clock: optional(tokens.clock),
  };

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
  readonly #table: RouteTable;
  readonly #management: ManagementServer | undefined;
  #managementUrl: string | undefined;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  #url: string | undefined;
  #booted = false;
  #cut: readonly CutRequest[] = [];

  /** @throws RangeError or TypeError when an option is not what it should be. */
  constructor(options: ServerOptions = {}, deps: ServerDependencies = {}) {
    super();
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
      connectionEnds: () => this.#stopping !== undefined || lifecycle?.state === "stopping",
    });
    this.fastify = app as unknown as TypedFastify<Provider>;
    this.#connections.attach(app.server, { tls: this.#options.tls !== undefined });
    this.#table = new RouteTable(app);
    this.#management = this.#options.management && new ManagementServer();
    app.addHook("onReady", (done) => {
      this.#booted = true;
      done();
    });
    addFeatures(this.#options, {
      add: (act) => this.add(act),
      managing: this.#management?.fastify,
      lifecycle,
      accepts: () => this.#accepts,
      requests: this.#requests,
      connections: this.#connections,
      clock: this.#clock,
    });
    for (const route of this.#options.routes ?? []) this.route(route);
  }

  /** The address clients use; `undefined` while it does not listen. */
  get url(): string | undefined {
    return this.#url;
  }

  /** Where the probes and metrics are with the option `management`; `undefined` while it does not listen. */
  get managementUrl(): string | undefined {
    return this.#managementUrl;
  }

  /** Node.js's own server, for what attaches to one: `new Server(server.httpServer)` of socket.io. */
  get httpServer(): Server {
    return this.fastify.server;
  }

  /** The routes, with the plugins that each passes through. Complete once the server has started, or been injected. */
  get routes(): readonly RouteEntry[] {
    return this.#table.list();
  }

  /** The routes as a table: method, path, name, version, plugins. */
  printRoutes(): string {
    return this.#table.print();
  }

  /**
   * The path of a route by its name, `config: { name: "notes.show" }`: `urlFor("notes.show", { id: 7 }, { full: true })`.
   *
   * @throws RangeError when no route has the name; TypeError when a parameter is missing.
   */
  urlFor(...[name, params, query]: Parameters<RouteTable["urlFor"]>): string {
    return this.#table.urlFor(name, params, query);
  }

  /** Types the handlers by another provider: `server.withTypeProvider<TypeBoxTypeProvider>()`. The same server. */
  withTypeProvider<P extends FastifyTypeProvider>(): ServerManager<P> {
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

  async #listen({ signal }: StartContext): Promise<void> {
    signal?.throwIfAborted();
    await this.fastify.ready();
    signal?.throwIfAborted();
    const { host, port, socket, tls, management } = this.#options;
    if (management && this.#managementUrl === undefined) {
      const at = { host, ...management };
      this.#managementUrl = await this.#management!.listen(at.host, at.port).catch((error) => {
        throw listenError(error, at.host, at.port, "");
      });
    }
    try {
      if (socket === "") {
        // For the name localhost Fastify opens a second server, whose connections a stop does not wait for.
        const address = host === "localhost" ? (await lookup(host)).address : host;
        await this.fastify.listen({ host: address, port, listenTextResolver });
      } else {
        await removeStaleSocket(socket);
        await this.fastify.listen({ path: socket, listenTextResolver });
      }
    } catch (error) {
      throw listenError(error, host, port, socket);
    }
    const listening = this.fastify.server.address() as AddressInfo | string;
    this.#url = urlOf(listening, host, tls ? "https" : "http");
    this.#requests.watch();
  }

  async #stop({ signal }: StopContext): Promise<void> {
    const { stopDelay, stopTimeout } = this.#options;
    // a server that runs drains from this very moment
    if (this.#url === undefined) await this.#starting?.catch(() => undefined);
    else if (stopDelay > 0) await this.#pause(stopDelay, signal);
    this.#requests.unwatch();
    // closing what has not been booted would boot it first
    if (!this.#booted) return;
    try {
      this.#cut = await drain({
        requests: this.#requests,
        connections: this.#connections,
        clock: this.#clock,
        logger: this.#logger,
        timeoutMs: stopTimeout,
        signal,
        close: async () => {
          await this.fastify.close();
        },
      });
    } finally {
      // whoever asks is told to the end that it stops
      await this.#management?.close();
      this.#managementUrl = undefined;
      this.#url = undefined;
    }
  }

  #pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.setTimeout(resolve, delayMs);
      const giveUp = (): void => {
        cancel();
        resolve();
      };
      if (signal?.aborted) giveUp();
      else signal?.addEventListener("abort", giveUp, { once: true });
    });
  }
}

function listenTextResolver(origin: string): string {
  return `listening on ${origin}`;
}
