import type { IncomingMessage } from "node:http";

import type { GatewayEvent } from "./gateway-events.js";
import type { ResolvedGatewayOptions } from "./gateway-options.js";
import { isOwnOrigin } from "./is-own-origin.js";

interface Door {
  readonly isStopping: () => boolean;
  /** How many there are. */
  readonly connections: () => number;
  readonly tell: (event: GatewayEvent) => void;
}

/** The options of socket.io's `Server`. Who may not in is refused before anything is spent on him. */
export function socketServerOptions(
  options: ResolvedGatewayOptions,
  door: Door,
): Record<string, unknown> {
  const { origins } = options;
  const whyNot = (request: IncomingMessage): string | undefined => {
    if (door.isStopping()) return "stopping";
    // browsers ask no other origin's leave for a WebSocket, and send cookies with it
    if (!isOwnOrigin(request, origins)) return "origin";
    return door.connections() >= options.maxConnections ? "maxConnections" : undefined;
  };
  return {
    path: options.path,
    transports: options.transports,
    serveClient: false,
    maxHttpBufferSize: options.maxInboundBytes,
    pingInterval: options.pingEveryMs,
    pingTimeout: options.pingTimeoutMs,
    connectTimeout: 10_000,
    ...(origins.length > 0 && { cors: { origin: [...origins], credentials: true } }),
    ...options.socketOptions,
    allowRequest(request: IncomingMessage, answer: (why: string | null, ok: boolean) => void) {
      const reason = whyNot(request);
      if (reason) door.tell({ type: "refused", reason, origin: request.headers.origin });
      answer(reason ?? null, reason === undefined);
    },
  };
}
