import { PassThrough, type Readable } from "node:stream";

import { systemClock, toMilliseconds, type Clock, type Duration } from "@infra/interfaces";
import type { FastifyReply, FastifyRequest } from "fastify";

/** An event for the browser's `EventSource`. */
export interface ServerEvent {
  /** Text as it is, anything else as JSON. */
  readonly data: unknown;
  /** The event's type. @default "message" */
  readonly event?: string;
  /** What a client that connects again says it saw last: `request.headers["last-event-id"]`. */
  readonly id?: string;
}

/** Options of {@link sendEvents}. */
export interface SendEventsOptions {
  /** How often to say that the connection lives, when there is nothing else to say. @default "15s" */
  readonly heartbeat?: Duration;
  /** How long clients wait before they connect again. @default the browser's own, some 3 s */
  readonly retry?: Duration;
  /** @default the system's */
  readonly clock?: Clock;
}

/**
 * Answers with server-sent events: as they come from `events`, and as fast as the client reads. Ends with the events, with
 * the client, and as soon as the server begins to stop; `events` is closed then (`return()`).
 *
 * @example server.get("/ticks", (request, reply) => sendEvents(request, reply, ticks(request.signal)));
 */
export function sendEvents(
  request: FastifyRequest,
  reply: FastifyReply,
  events: AsyncIterable<ServerEvent>,
  options: SendEventsOptions = {},
): FastifyReply {
  const { clock = systemClock, retry } = options;
  const heartbeatMs = toMilliseconds(options.heartbeat ?? "15s", "heartbeat");
  const output = new PassThrough();
  reply.headers({
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache, no-transform",
    // nginx would keep them until there is enough to send
    "x-accel-buffering": "no",
  });
  output.write(retry === undefined ? ":\n\n" : `retry: ${toMilliseconds(retry, "retry")}\n\n`);
  void pump(events, output, {
    heartbeatMs,
    clock,
    ended: endOf(output, request.context.stopping),
    format: formatEvent,
  });
  return reply.send(output);
}

/**
 * Answers with one JSON value a line (`application/x-ndjson`), as they come and as fast as the client reads. A failure in
 * the middle cuts the connection: half an answer does not look like a whole one.
 */
export function sendNdjson(reply: FastifyReply, values: AsyncIterable<unknown>): FastifyReply {
  const output = new PassThrough();
  reply.header("content-type", "application/x-ndjson; charset=utf-8");
  void pump(values, output, {
    heartbeatMs: Infinity,
    clock: systemClock,
    ended: endOf(output),
    format: (value) => `${JSON.stringify(value)}\n`,
  });
  return reply.send(output);
}

interface PumpOptions {
  readonly heartbeatMs: number;
  readonly clock: Clock;
  /** Aborted when there is nobody to send to any more. */
  readonly ended: AbortSignal;
  readonly format: (value: never) => string;
}

/** Aborted when the client is gone, or what is given is. */
function endOf(output: Readable, stopping?: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const end = (): void => {
    stopping?.removeEventListener("abort", end);
    controller.abort();
  };
  if (stopping?.aborted) end();
  else stopping?.addEventListener("abort", end);
  output.once("close", end);
  return controller.signal;
}

async function pump(
  source: AsyncIterable<unknown>,
  output: PassThrough,
  { heartbeatMs, clock, ended, format }: PumpOptions,
): Promise<void> {
  const iterator = source[Symbol.asyncIterator]();
  let cancelBeat: (() => void) | undefined;
  const beatLater = (): void => {
    cancelBeat?.();
    if (heartbeatMs < Infinity) cancelBeat = clock.setTimeout(beat, heartbeatMs, { unref: true });
  };
  const beat = (): void => {
    // who does not read is told nothing
    if (!output.writableNeedDrain) output.write(":\n\n");
    beatLater();
  };
  try {
    for (;;) {
      beatLater();
      const next = await unlessEnded(iterator.next(), ended);
      if (next === "ended" || next.done) break;
      if (output.write(format(next.value as never))) continue;
      const drained = new Promise<void>((resolve) => void output.once("drain", resolve));
      if ((await unlessEnded(drained, ended)) === "ended") break;
    }
    output.end();
  } catch (error) {
    output.destroy(error as Error);
  } finally {
    cancelBeat?.();
    // a generator that waits hears of it when it wakes up: nobody waits for that
    void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

/**
 * What work gives, unless the signal is aborted before. A race with a promise that lasts as long as the stream would keep
 * everything that was ever sent.
 */
function unlessEnded<T>(work: Promise<T>, ended: AbortSignal): Promise<T | "ended"> {
  return new Promise((resolve, reject) => {
    const end = (): void => resolve("ended");
    if (ended.aborted) end();
    ended.addEventListener("abort", end);
    void work.then(resolve, reject).finally(() => ended.removeEventListener("abort", end));
  });
}

/** What would end a field before its time. */
function oneLine(value: string): string {
  return value.replaceAll(/[\r\n\0]/g, "");
}

function formatEvent({ data, event, id }: ServerEvent): string {
  const text = typeof data === "string" ? data : (JSON.stringify(data) ?? "");
  const lines = [
    ...(id === undefined ? [] : [`id: ${oneLine(id)}`]),
    ...(event === undefined ? [] : [`event: ${oneLine(event)}`]),
    ...text.split(/\r\n|\r|\n/).map((line) => `data: ${line}`),
  ];
  return `${lines.join("\n")}\n\n`;
}
