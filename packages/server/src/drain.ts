import type { Clock, Logger } from "@infra/interfaces";

import type { ActiveRequests } from "./active-requests.js";
import { Connections } from "./connections.js";
import { ServerStoppedError } from "./errors.js";

/** A request that a stop could not wait for. */
export interface CutRequest {
  readonly id: string;
  readonly method: string;
  /** The route's pattern; the path where there is none. */
  readonly route: string;
  readonly elapsedMs: number;
}

/** What {@link drain} works with. */
export interface DrainContext {
  readonly requests: ActiveRequests;
  readonly connections: Connections;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** Stops accepting; resolves when every connection and plugin is closed. */
  readonly close: () => Promise<void>;
}

const sweepMs = 50;
/** For a request that is on its way on a connection that has none yet. */
const quietMs = 500;
/** For the answers that say goodbye, and for plugins that close when the connections are gone. */
const graceMs = 250;

/**
 * Closes a server: what is under way is answered with `Connection: close`, connections are closed as they become
 * idle; when the time is up, what is left is answered with 503 and cut. Returns what was cut; always ends.
 */
export async function drain(context: DrainContext): Promise<readonly CutRequest[]> {
  const { requests, connections, clock, logger } = context;
  for (const { reply, request } of requests) {
    if (!reply.raw.headersSent && request.raw.httpVersionMajor === 1) {
      reply.raw.setHeader("connection", "close");
    }
  }
  let failure: unknown;
  const closed = context.close().catch((error: unknown) => {
    failure = error;
  });
  const startedAt = clock.monotonic();
  const sweep = setInterval(() => {
    connections.closeIdle();
    if (clock.monotonic() - startedAt >= quietMs) connections.closeOthers(busy(requests));
  }, sweepMs);

  let cut: readonly CutRequest[] = [];
  try {
    if (!(await settlesWithin(closed, context.timeoutMs, context))) {
      cut = cutOff(context);
      if (!(await settlesWithin(closed, graceMs, { clock }))) {
        connections.closeOthers(new Set());
        if (!(await settlesWithin(closed, graceMs, { clock }))) {
          logger.error("server: a plugin's onClose hook did not end; going on without it");
        }
      }
    }
  } finally {
    clearInterval(sweep);
  }
  if (failure !== undefined) throw failure;
  return cut;
}

/** Ends the requests under way: their signals are aborted, and those without an answer get one. */
function cutOff({ requests, clock, logger }: DrainContext): readonly CutRequest[] {
  const now = clock.monotonic();
  const cut: CutRequest[] = [];
  for (const entry of [...requests].toSorted((a, b) => a.startedAt - b.startedAt)) {
    const { request, reply, startedAt } = entry;
    const { method } = request;
    const route = request.routeOptions.url ?? request.url.split("?", 1)[0]!;
    const elapsedMs = Math.round(now - startedAt);
    cut.push({ id: request.id, method, route, elapsedMs });
    logger.warn(`server: cut ${method} ${route} after ${elapsedMs} ms`, { requestId: request.id });
    const error = new ServerStoppedError("the server is stopping", {
      publicMessage: "The server is stopping.",
    });
    entry.abort(error);
    if (entry.unanswered) reply.send(error);
  }
  return cut;
}

function busy(requests: ActiveRequests) {
  return new Set([...requests].map(({ request }) => Connections.of(request.raw.socket)));
}

/** Whether a promise that never rejects settles in time, and before the signal is aborted. */
async function settlesWithin(
  promise: Promise<void>,
  timeoutMs: number,
  { clock, signal }: { readonly clock: Clock; readonly signal?: AbortSignal | undefined },
): Promise<boolean> {
  let giveUp!: () => void;
  const late = new Promise<false>((resolve) => {
    giveUp = () => resolve(false);
  });
  const cancel = timeoutMs === Infinity ? undefined : clock.setTimeout(giveUp, timeoutMs);
  signal?.addEventListener("abort", giveUp, { once: true });
  if (signal?.aborted) giveUp();
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    cancel?.();
    signal?.removeEventListener("abort", giveUp);
  }
}
