import { CancelledError } from "@infra/errors";
import type { Logger } from "@infra/interfaces";
import type { FastifyReply, FastifyRequest } from "fastify";

/** What belongs to one request. */
export interface RequestContext {
  readonly id: string;
  /** Says the request's id in every line. */
  readonly logger: Logger;
  /** Aborted when the client goes away, the handler times out, or a stop can wait no longer: give up the work. */
  readonly signal: AbortSignal;
}

/** A request under way. Logger and signal are made when they are first asked for. */
export class ActiveRequest implements RequestContext {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** By the clock's monotonic reading. */
  readonly startedAt: number;
  readonly #parent: Logger;
  #logger: Logger | undefined;
  #controller: AbortController | undefined;
  #reason: Error | undefined;

  constructor(request: FastifyRequest, reply: FastifyReply, startedAt: number, logger: Logger) {
    this.request = request;
    this.reply = reply;
    this.startedAt = startedAt;
    this.#parent = logger;
  }

  get id(): string {
    return this.request.id;
  }

  get logger(): Logger {
    this.#logger ??= this.#parent.child({ requestId: this.request.id });
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
    }
    return this.#controller.signal;
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

  /** The connection is done with this request. */
  closed(): void {
    if (!this.reply.raw.writableEnded) {
      this.abort(new CancelledError("the client closed the connection before it had its answer"));
    }
  }
}
