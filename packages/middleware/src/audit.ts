import {
  silentLogger,
  systemClock,
  type Clock,
  type Logger,
  type Principal,
} from "@infra/interfaces";

import {
  definePlugin,
  pathOf,
  rawOf,
  type Check,
  type NeutralPlugin,
  type WebRequest,
} from "./neutral.js";

declare module "fastify" {
  interface FastifyRequest {
    /** Adds to the request's audit event, of the plugin audit; makes one where there would be none. */
    audit: (details: Readonly<Record<string, unknown>>) => void;
  }
  interface FastifyContextConfig {
    /** What the events of this route are called; `false` for none. */
    audit?: string | false;
  }
}

/** Who did what, to what, from where, and what came of it. */
export interface AuditEvent {
  /** The route's own name for it, or method and route. */
  readonly action: string;
  readonly outcome: "success" | "denied" | "failure";
  readonly status: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly principalId?: string | undefined;
  readonly credentialId?: string | undefined;
  readonly tenantId?: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly ip?: string | undefined;
  readonly requestId?: string | undefined;
  /** What the handler added. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/** Options of {@link audit}. */
export interface AuditOptions {
  /** Takes the events, each when its response is out. */
  readonly sink: (event: AuditEvent) => void | Promise<void>;
  /** Methods whose requests make an event without being asked. @default POST, PUT, PATCH, DELETE */
  readonly methods?: readonly string[];
  /** Told when the sink fails. @default nobody */
  readonly logger?: Logger;
  /** @default the system's */
  readonly clock?: Clock;
}

/** What the plugins before it have found out. */
interface Known {
  readonly id?: unknown;
  readonly principal?: Principal | undefined;
  readonly tenantId?: string | undefined;
}

function create(options: AuditOptions): Check {
  const { sink, logger = silentLogger, clock = systemClock } = options;
  if (typeof sink !== "function") {
    throw new TypeError(`audit: sink must be a function, got ${typeof sink}`);
  }
  const methods = new Set(options.methods ?? ["POST", "PUT", "PATCH", "DELETE"]);

  async function record(event: AuditEvent): Promise<void> {
    try {
      await sink(event);
    } catch (error) {
      logger.error("audit: an event was not taken", { error, ...event });
    }
  }

  return (request: WebRequest & Known, response, { audit: name, url }) => {
    let details: Record<string, unknown> | undefined;
    (request as { audit?: unknown }).audit = (more: Readonly<Record<string, unknown>>) => {
      details = { ...details, ...more };
    };
    if (name === false) return;
    rawOf(response).once("close", () => {
      if (name === undefined && !methods.has(request.method) && !details) return;
      const status = rawOf(response).writableEnded ? response.statusCode : 499;
      const { principal, tenantId, id, ip, method } = request;
      const path = pathOf(request.originalUrl);
      void record({
        action: name ?? `${method} ${url ?? path}`,
        outcome: status < 400 ? "success" : status === 401 || status === 403 ? "denied" : "failure",
        status,
        at: clock.now(),
        principalId: principal?.id,
        credentialId: principal?.credentialId,
        tenantId: tenantId ?? principal?.tenantId,
        method,
        path,
        ip,
        requestId: typeof id === "string" ? id : undefined,
        details,
      });
    });
  };
}

/**
 * Tells who did what: one event for each request that changes something, is named by its route
 * (`config: { audit: "note.deleted" }`), or says so itself with `request.audit({ … })`. Also for what was refused.
 */
export const audit: NeutralPlugin<AuditOptions> = definePlugin({
  name: "audit",
  after: ["request-id"],
  request: ["audit"],
  create,
});
