import { CancelledError } from "@infra/errors";
import type { Clock, Logger, Principal } from "@infra/interfaces";
import type { FastifyReply, FastifyRequest } from "fastify";

/** What belongs to one request. */
export interface RequestContext {
  readonly id: string;
  /** Says the request's id in every line. */
  readonly logger: Logger;
  /** Aborted when the client goes away, the handler times out, or a stop can wait no longer: give up the work. */
  readonly signal: AbortSignal;
  /** Aborted when the server begins to stop: what has no end of its own, such as a stream of events, ends now. */
  readonly stopping: AbortSignal;
  /** When the handler's time is up, in milliseconds since the epoch; `Infinity` for never. */
  readonly deadline: number;
  /** Who is asking, once a plugin such as authentication has found out. */
  readonly principal: Principal | undefined;
}

/** What the requests of a server have in common. */
export interface RequestOwner {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly stopping: AbortSignal;
  /** How long a request's handler may take, in milliseconds. */
  limitMs(request: FastifyRequest): number;
}

/** A request under way. Logger and signal are made when they are first asked for. */
export class ActiveRequest implements RequestContext {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** By the clock's monotonic reading. */
  readonly startedAt: number;
  /** The one before it on the same connection, while that is not done. */
  earlier: ActiveRequest | undefined;
  readonly #owner: RequestOwner;
  #logger: Logger | undefined;
  #controller: AbortController | undefined;
  #reason: Error | undefined;

  constructor(
    request: FastifyRequest,
    reply: FastifyReply,
    owner: RequestOwner,
    earlier: ActiveRequest | undefined,
  ) {
    this.request = request;
    this.reply = reply;
    this.startedAt = owner.clock.monotonic();
    this.earlier = earlier;
    this.#owner = owner;
  }

  get id(): string {
    return this.request.id;
  }

  get logger(): Logger {
    this.#logger ??= this.#owner.logger.child({ requestId: this.request.id });
    return this.#logger;
  }

  /** The route's own `logLevel`. */
  get level(): string | undefined {
    return this.request.routeOptions.logLevel;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#reason) this.#controller.abort(this.#reason);
      else if (this.done) this.#closed();
      else this.#watch();
    }
    return this.#controller.signal;
  }

  get stopping(): AbortSignal {
    return this.#owner.stopping;
  }

  get deadline(): number {
    const { clock } = this.#owner;
    const leftMs = this.startedAt + this.#owner.limitMs(this.request) - clock.monotonic();
    return clock.now() + leftMs;
  }

  get principal(): Principal | undefined {
    return (this.request as { principal?: Principal }).principal;
  }

  /** Whether its response is out, or its client gone. */
  get done(): boolean {
    const { raw } = this.reply;
    return raw.writableFinished || raw.destroyed;
  }

  /** Whether nothing of the response is out, and nobody has taken it over. */
  get unanswered(): boolean {
    return !this.reply.sent && !this.reply.raw.headersSent;
  }

  /** Aborts the signal, or the one that is asked for later. */
  abort(reason: Error): void {
    this.#reason ??= reason;
    this.#controller?.abort(this.#reason);
  }

  /** Most requests are never asked for their signal: only then is there something to listen for. */
  #watch(): void {
    const { raw } = this.reply;
    raw.once("close", () => this.#closed());
    // a response that waits for the one before it, on the same connection, never hears of the connection's end
    if (raw.socket !== null || this.request.raw.httpVersionMajor > 1) return;
    const { socket } = this.request.raw;
    const closed = (): void => this.#closed();
    socket.once("close", closed);
    raw.once("close", () => socket.off("close", closed));
  }

  #closed(): void {
    if (!this.reply.raw.writableEnded) {
      this.abort(new CancelledError("the client closed the connection before it had its answer"));
    }
  }
}
