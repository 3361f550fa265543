// the types of request.cookies and reply.setCookie
import "@fastify/cookie";
import { keySetResponse, type Login, type LoginResult, type TokenPair } from "@infra/auth";
import type { ServerManager } from "@infra/server";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";

import type { RouteServices } from "./routes.js";

const Email = z.string().max(254);
const Password = z.string().max(1024);
const Credentials = z.object({
  email: Email,
  password: Password,
  /** What the client wants: a cookie, or tokens. */
  as: z.enum(["session", "tokens"]).default("session"),
  remember: z.boolean().default(false),
});
const SecondFactor = z.object({
  challenge: z.string().max(256),
  code: z.string().max(64),
  as: z.enum(["session", "tokens"]).default("session"),
  remember: z.boolean().default(false),
});

// nobody has to be logged in, and no form of another site can send JSON
const open = { authentication: "none", csrf: false } as const;

/** Who sent a request, for the list of sessions. */
function clientOf({ ip, headers }: FastifyRequest) {
  return { address: ip, userAgent: headers["user-agent"] };
}

/** Registration, and every way to log in. */
export function addLoginRoutes(server: ServerManager, { auth, tokens }: RouteServices): void {
  /** What a login that is complete becomes. */
  async function begin(
    login: Login,
    wanted: { readonly as: "session" | "tokens"; readonly remember: boolean },
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<object> {
    const client = clientOf(request);
    if (wanted.as === "tokens") return await auth.tokens.start(login, { client });
    const previous = request.cookies[auth.sessions.cookieName];
    const { remember } = wanted;
    const { cookie } = await auth.sessions.start(login, { previous, remember, client });
    reply.setCookie(cookie.name, cookie.value, cookie.attributes);
    return { account: login.account };
  }

  server.post(
    "/register",
    {
      config: open,
      schema: {
        body: z.object({ email: Email, password: Password, name: z.string().max(200) }),
        tags: ["login"],
      },
    },
    async ({ body: { email, password, name } }, reply) => {
      await auth.register({ email, password, data: { name } });
      return reply.code(202).send({ message: "read your mail" });
    },
  );

  server.post(
    "/verify-email",
    { config: open, schema: { body: z.object({ token: z.string().max(256) }), tags: ["login"] } },
    async ({ body }) => await auth.verifyEmail(body.token),
  );

  server.post(
    "/login",
    { config: open, schema: { body: Credentials, tags: ["login"] } },
    async (request, reply) => {
      const { email, password, ...wanted } = request.body;
      const client = clientOf(request);
      const result: LoginResult = await auth.login({ email, password, client });
      if (result.status === "second-factor") return { challenge: result.challenge };
      return await begin(result.login, wanted, request, reply);
    },
  );

  server.post(
    "/login/second-factor",
    { config: open, schema: { body: SecondFactor, tags: ["login"] } },
    async (request, reply) => {
      const { challenge, code, ...wanted } = request.body;
      const login = await auth.completeLogin({ challenge, code, client: clientOf(request) });
      return await begin(login, wanted, request, reply);
    },
  );

  server.post(
    "/refresh",
    {
      config: open,
      schema: { body: z.object({ refreshToken: z.string().max(256) }), tags: ["login"] },
    },
    async ({ body }): Promise<TokenPair> => await auth.tokens.refresh(body.refreshToken),
  );

  server.post("/logout", { schema: { tags: ["login"] } }, async (request, reply) => {
    const cookie = await auth.sessions.end(request.cookies[auth.sessions.cookieName] ?? "");
    return reply.setCookie(cookie.name, cookie.value, cookie.attributes).code(204).send();
  });

  server.post(
    "/password/forgotten",
    { config: open, schema: { body: z.object({ email: Email }), tags: ["login"] } },
    async ({ body }, reply) => {
      await auth.requestPasswordReset(body.email);
      return reply.code(202).send({ message: "read your mail" });
    },
  );

  server.post(
    "/password/reset",
    {
      config: open,
      schema: {
        body: z.object({ token: z.string().max(256), password: Password }),
        tags: ["login"],
      },
    },
    async ({ body }) => await auth.resetPassword(body.token, body.password),
  );

  server.get(
    "/.well-known/jwks.json",
    { config: open, schema: { tags: ["login"] } },
    async (_request, reply) => {
      const { headers, body } = keySetResponse(tokens);
      return reply.headers(headers).send(body);
    },
  );
}
