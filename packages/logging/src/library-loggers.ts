import { isError } from "@infra/errors";
import type { Logger } from "@infra/interfaces";

/** What knex takes as `log`. */
export interface KnexLog {
  debug(message: unknown): void;
  warn(message: unknown): void;
  error(message: unknown): void;
  deprecate(method: string, alternative: string): void;
}

/** A logger for knex: `knex({ log: knexLogger(logger) })`. */
export function knexLogger(logger: Logger): KnexLog {
  const own = logger.child({ category: "knex" });
  return {
    debug: (message) => say(own, "debug", message),
    warn: (message) => say(own, "warn", message),
    error: (message) => say(own, "error", message),
    deprecate: (method, alternative) =>
      own.warn(`${method} is deprecated, use ${alternative}`, { method, alternative }),
  };
}

/** An emitter of events, such as a queue, a worker or a server: as much of it as is needed to listen. */
export interface EventSource {
  on(event: string, listener: (...values: unknown[]) => void): unknown;
  off(event: string, listener: (...values: unknown[]) => void): unknown;
}

interface JobLike {
  readonly id?: string | undefined;
  readonly name?: string;
  readonly queueName?: string;
  readonly attemptsMade?: number;
}

/**
 * Logs what happens in a worker of bullmq, or a queue of it: errors and failed jobs as such, stalled jobs as warnings, the
 * others for `debug`. A worker without a listener for `error` ends the process.
 *
 * @returns ends it.
 */
export function logBullmq(worker: EventSource, logger: Logger): () => void {
  const own = logger.child({ category: "bullmq" });
  return listen(worker, {
    error: (error: Error) => own.error("bullmq failed", { error }),
    failed: (job: JobLike | undefined, error: Error) =>
      own.error("job failed", { ...jobFields(job), error }),
    stalled: (jobId: string) => own.warn("job stalled", { jobId }),
    active: (job: JobLike) => own.debug("job began", jobFields(job)),
    completed: (job: JobLike) => own.debug("job done", jobFields(job)),
    closed: () => own.debug("bullmq closed"),
  });
}

interface SocketLike extends EventSource {
  readonly id: string;
}

interface ConnectionErrorLike {
  readonly code?: number;
  readonly message: string;
}

/** A server of socket.io: as much of it as is needed to log. */
export interface SocketServer extends EventSource {
  readonly engine?: EventSource;
}

/**
 * Logs what happens in a server of socket.io that listens: refused connections and errors of sockets as warnings, who
 * comes and goes for `debug`.
 *
 * @returns ends it for connections to come.
 */
export function logSocketIo(server: SocketServer, logger: Logger): () => void {
  const own = logger.child({ category: "socket.io" });
  const stops = [
    listen(server, {
      connection: (socket: SocketLike) => {
        own.debug("connected", { socketId: socket.id });
        const { id: socketId } = socket;
        listen(socket, {
          error: (error: Error) => own.warn("socket failed", { socketId, error }),
          disconnect: (reason: string) => own.debug("disconnected", { socketId, reason }),
        });
      },
    }),
    server.engine &&
      listen(server.engine, {
        connection_error: ({ code, message }: ConnectionErrorLike) =>
          own.warn("connection refused", { reason: message, code }),
      }),
  ];
  return () => {
    for (const stop of stops) stop?.();
  };
}

type Listener = (...values: unknown[]) => void;

function listen(
  source: EventSource,
  listeners: Readonly<Record<string, (...values: never[]) => void>>,
): () => void {
  // who emits an event knows what comes with it
  const each = Object.entries(listeners) as [string, Listener][];
  for (const [event, listener] of each) source.on(event, listener);
  return () => {
    for (const [event, listener] of each) source.off(event, listener);
  };
}

function jobFields(job: JobLike | undefined): Readonly<Record<string, unknown>> {
  return {
    jobId: job?.id,
    job: job?.name,
    queue: job?.queueName,
    attempts: job?.attemptsMade,
  };
}

function say(logger: Logger, level: "debug" | "warn" | "error", message: unknown): void {
  if (isError(message)) logger[level](message.message, { error: message });
  else if (typeof message === "string") logger[level](message);
  else logger[level]("knex", { value: message });
}
