import "@fastify/cookie";
import { AuthService } from "@infra/auth";
import { NotFoundError } from "@infra/errors";
import { z } from "zod";

import type { RecoveryCodes, Session, TwoFactorSetup } from "../contract.js";
import type { AppRoutes } from "../routes.js";

const Code = z.object({ code: z.string().max(64) });

/** What somebody does with their own login: where they are logged in, logging out, and the second factor. */
export const addSessionRoutes: AppRoutes = (routes, container) => {
  const auth = container.get(AuthService);

  routes.get("/api/sessions", async ({ principal }): Promise<Session[]> => {
    const sessions = await auth.sessions.list(principal!.id);
    return sessions.map(({ id, createdAt, lastSeenAt, userAgent = "", address = "" }) => ({
      id,
      current: id === principal!.credentialId,
      createdAt: new Date(createdAt).toISOString(),
      lastSeenAt: new Date(lastSeenAt).toISOString(),
      userAgent,
      address,
    }));
  });

  routes.delete(
    "/api/sessions/current",
    { config: { authentication: "optional" } },
    async ({ cookies }, reply) => {
      const cookie = await auth.sessions.end(cookies[auth.sessions.cookieName] ?? "");
      return reply.setCookie(cookie.name, cookie.value, cookie.attributes).code(204).send();
    },
  );

  routes.delete(
    "/api/sessions/:id",
    { schema: { params: z.object({ id: z.string().max(64) }) } },
    async ({ principal, params: { id } }, reply) => {
      if (!(await auth.sessions.revoke(principal!.id, id))) {
        throw new NotFoundError("there is no such session");
      }
      return reply.code(204).send();
    },
  );

  routes.post("/api/two-factor", async ({ principal }): Promise<TwoFactorSetup> => {
    const setup = await auth.twoFactor.begin(principal!.id);
    if (!setup) throw new NotFoundError("there is no such account");
    return setup;
  });

  routes.post(
    "/api/two-factor/confirm",
    { schema: { body: Code } },
    async ({ principal, body }): Promise<RecoveryCodes> => ({
      recoveryCodes: await auth.twoFactor.confirm(principal!.id, body.code),
    }),
  );

  routes.delete("/api/two-factor", { schema: { body: Code } }, async (request, reply) => {
    const { id } = request.principal!;
    await auth.twoFactor.verify(id, request.body.code);
    await auth.twoFactor.disable(id);
    return reply.code(204).send();
  });
};
