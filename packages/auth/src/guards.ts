import { ForbiddenError, UnauthenticatedError } from "@infra/errors";
import {
  systemClock,
  toMilliseconds,
  type Authorizer,
  type Clock,
  type Duration,
  type Principal,
} from "@infra/interfaces";

import { StepUpRequiredError } from "./errors.js";

/** What a guard looks at: a request of Fastify or Express, once the plugin authentication has looked at it. */
export interface GuardedRequest {
  readonly principal?: Principal | undefined;
}

/**
 * Lets a request pass, or throws what answers it. It is a `preHandler` of Fastify as it stands:
 * `server.get("/users", { preHandler: requireRole("admin") }, …)`.
 */
export type Guard = (request: GuardedRequest) => Promise<void>;

/** Somebody has to be logged in. @throws UnauthenticatedError. */
export function requireLogin(): Guard {
  return async ({ principal }) => {
    if (!principal) throw new UnauthenticatedError("a credential is required");
  };
}

/** One of these roles. @throws UnauthenticatedError, ForbiddenError. */
export function requireRole(...roles: readonly string[]): Guard {
  if (roles.length === 0) throw new TypeError("requireRole needs at least one role");
  return async ({ principal }) => {
    if (!principal) throw new UnauthenticatedError("a credential is required");
    if (!roles.some((role) => principal.roles.includes(role))) {
      throw new ForbiddenError("this takes another role", { details: { roles } });
    }
  };
}

/** What an authorizer says of an action, and of a resource if the request tells which. @throws UnauthenticatedError, ForbiddenError. */
export function requirePermission<Request extends GuardedRequest>(
  authorizer: Authorizer,
  action: string,
  resource?: (request: Request) => unknown,
): (request: Request) => Promise<void> {
  return async (request) => {
    const { principal } = request;
    const { allowed, reason } = await authorizer.decide(
      principal,
      action,
      await resource?.(request),
    );
    if (allowed) return;
    if (!principal) throw new UnauthenticatedError("a credential is required");
    throw new ForbiddenError(reason ?? `not allowed: ${action}`);
  };
}

/**
 * Who is asking has to have proved who they are no longer ago than this: before an address is changed or money is sent. An
 * API key never has. @throws UnauthenticatedError, StepUpRequiredError (`ERR_AUTH_STEP_UP_REQUIRED`).
 */
export function requireFreshLogin(
  within: Duration,
  { clock = systemClock }: { readonly clock?: Clock | undefined } = {},
): Guard {
  const withinMs = toMilliseconds(within, "within");
  return async ({ principal }) => {
    if (!principal) throw new UnauthenticatedError("a credential is required");
    const { authenticatedAt } = principal;
    if (authenticatedAt === undefined || clock.now() - authenticatedAt > withinMs) {
      throw new StepUpRequiredError("log in again to do this");
    }
  };
}

/** All of them, one after the other. */
export function everyGuard<Request extends GuardedRequest>(
  ...guards: readonly ((request: Request) => Promise<void>)[]
): (request: Request) => Promise<void> {
  return async (request) => {
    for (const guard of guards) await guard(request);
  };
}

/**
 * One of them: the first that lets the request pass. When none does, the last one's refusal is thrown; an error that is no
 * refusal, such as an outage, is thrown at once.
 */
export function someGuard<Request extends GuardedRequest>(
  ...guards: readonly ((request: Request) => Promise<void>)[]
): (request: Request) => Promise<void> {
  if (guards.length === 0) throw new TypeError("someGuard needs at least one guard");
  return async (request) => {
    let refusal: unknown;
    for (const guard of guards) {
      try {
        await guard(request);
        return;
      } catch (error) {
        if (!UnauthenticatedError.is(error) && !ForbiddenError.is(error)) throw error;
        refusal = error;
      }
    }
    throw refusal;
  };
}
