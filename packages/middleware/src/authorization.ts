import { ForbiddenError, UnauthenticatedError } from "@infra/errors";
import type { Authorizer, Principal } from "@infra/interfaces";
import type { FastifyRequest } from "fastify";

import { definePlugin, type Check, type NeutralPlugin, type WebRequest } from "./neutral.js";

declare module "fastify" {
  interface FastifyRequest {
    /** Whether whoever is asking may do this; of the plugin authorization. */
    can: (action: string, resource?: unknown) => Promise<boolean>;
    /** Resolves when they may. @throws ForbiddenError, or UnauthenticatedError when nobody is logged in. */
    authorize: (action: string, resource?: unknown) => Promise<void>;
  }
  interface FastifyContextConfig {
    /** What one has to be allowed to do for this route; with the resource, where it takes one to tell. */
    can?: string | { action: string; resource?: (request: FastifyRequest) => unknown };
  }
}

/** Options of {@link authorization}. */
export interface AuthorizationOptions {
  /** Tells what somebody may do. */
  readonly authorizer: Authorizer;
  /** On Express, where a route has its own middleware: what it takes. */
  readonly can?: string | { action: string; resource?: (request: WebRequest) => unknown };
}

function create({ authorizer, can: everywhere }: AuthorizationOptions): Check {
  if (typeof authorizer?.decide !== "function") {
    throw new TypeError(
      `authorization: authorizer must be an Authorizer, got ${typeof authorizer}`,
    );
  }
  return (request, _response, { can: wanted = everywhere }) => {
    const principal = (): Principal | undefined => (request as { principal?: Principal }).principal;
    const can = async (action: string, resource?: unknown): Promise<boolean> =>
      (await authorizer.decide(principal(), action, resource)).allowed;
    const authorize = async (action: string, resource?: unknown): Promise<void> => {
      const { allowed, reason } = await authorizer.decide(principal(), action, resource);
      if (allowed) return;
      if (!principal()) throw new UnauthenticatedError("a credential is required");
      throw new ForbiddenError(reason ?? `not allowed: ${action}`);
    };
    Object.assign(request, { can, authorize });
    if (wanted === undefined) return undefined;
    if (typeof wanted === "string") return authorize(wanted);
    return (async () => {
      await authorize(wanted.action, await wanted.resource?.(request as FastifyRequest));
    })();
  };
}

/**
 * Asks the `Authorizer` before a route's handler, when its body and parameters are known: `config: { can: "notes.write" }`,
 * or `{ action, resource: (request) => … }`. Handlers ask with `request.can()` and `request.authorize()`.
 */
export const authorization: NeutralPlugin<AuthorizationOptions> = definePlugin({
  name: "authorization",
  after: ["authentication"],
  hook: "preHandler",
  request: ["can", "authorize"],
  create,
});
