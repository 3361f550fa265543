import { requireFreshLogin } from "@infra/auth";
import { NotFoundError } from "@infra/errors";
import type { ServerManager } from "@infra/server";
import { z } from "zod";

import type { RouteServices } from "./routes.js";

const Id = z.object({ id: z.string().max(64) });
const tags = ["account"];

/** What somebody who is logged in does with their own account, and an administrator with others'. */
export function addAccountRoutes(server: ServerManager, { auth, policy }: RouteServices): void {
  server.get(
    "/me",
    { schema: { tags } },
    async ({ principal }) => await auth.accounts.get(principal!.id),
  );

  server.post(
    "/two-factor",
    { schema: { tags }, preHandler: requireFreshLogin("10m") },
    async ({ principal }) => await auth.twoFactor.begin(principal!.id),
  );

  server.post(
    "/two-factor/confirm",
    { schema: { body: z.object({ code: z.string().max(64) }), tags } },
    async ({ principal, body }) => ({
      recoveryCodes: await auth.twoFactor.confirm(principal!.id, body.code),
    }),
  );

  server.get("/sessions", { schema: { tags } }, async ({ principal }) => {
    const sessions = await auth.sessions.list(principal!.id);
    return sessions.map(({ id, createdAt, lastSeenAt, userAgent, address }) => {
      const current = id === principal!.credentialId;
      return { id, current, createdAt, lastSeenAt, userAgent, address };
    });
  });

  server.delete(
    "/sessions/:id",
    { schema: { params: Id, tags } },
    async ({ principal, params }, reply) => {
      if (!(await auth.sessions.revoke(principal!.id, params.id))) {
        throw new NotFoundError("there is no such session");
      }
      return reply.code(204).send();
    },
  );

  server.delete("/sessions", { schema: { tags } }, async ({ principal }) => ({
    revoked: await auth.sessions.revokeAll(principal!.id, { exceptId: principal!.credentialId }),
  }));

  server.post(
    "/password",
    {
      schema: {
        body: z.object({
          currentPassword: z.string().max(1024),
          newPassword: z.string().max(1024),
        }),
        tags,
      },
    },
    async ({ principal, body, ip }) =>
      await auth.changePassword({
        ...body,
        accountId: principal!.id,
        keep: principal!.credentialId,
        client: { address: ip },
      }),
  );

  server.post(
    "/api-keys",
    {
      schema: {
        body: z.object({
          name: z.string().max(100),
          abilities: z.array(z.string().max(100)).max(100),
        }),
        tags,
      },
      preHandler: requireFreshLogin("10m"),
    },
    async ({ principal, body }, reply) =>
      reply.code(201).send(await auth.apiKeys.create(principal!.id, { ...body, expiresIn: "90d" })),
  );

  server.get(
    "/admin/accounts/:id",
    { config: { can: "accounts.read" }, schema: { params: Id, tags } },
    async ({ params }) => {
      const account = await auth.accounts.get(params.id);
      if (!account) throw new NotFoundError("there is no such account");
      return account;
    },
  );

  server.post(
    "/admin/accounts/:id/disable",
    { config: { can: "accounts.disable" }, schema: { params: Id, tags } },
    async ({ params, principal }, reply) => {
      const account = await auth.accounts.get(params.id);
      if (!account) throw new NotFoundError("there is no such account");
      // with the account in hand, the rules say more than the route could
      const isAdmin = account.roles.includes("admin");
      policy.authorize(principal, "accounts.disable", { ...account, isAdmin });
      await auth.accounts.disable(params.id);
      return reply.code(204).send();
    },
  );
}
