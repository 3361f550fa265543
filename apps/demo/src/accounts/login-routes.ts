// the types of request.cookies and reply.setCookie
import "@fastify/cookie";
import { AuthService, type Login, type LoginResult } from "@infra/auth";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";

import type { LogInResult, Me } from "../contract.js";
import type { AppRoutes } from "../routes.js";
import { Uploads } from "../uploads/uploads.js";
import { Accounts } from "./accounts.js";

const Email = z.string().max(254);
const Password = z.string().max(1024);
// who is logged in may send these too, and nobody has to be
const open = { authentication: "optional" } as const;

/** Signing up, and both steps of logging in. Each gives a session in a cookie. */
export const addLoginRoutes: AppRoutes = (routes, container) => {
  const [accounts, auth] = [container.get(Accounts), container.get(AuthService)];
  const uploads = container.get(Uploads);

  /** What a login that is complete becomes; one that is not asks for a code. */
  async function answer(
    result: LoginResult,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<LogInResult> {
    if (result.status === "second-factor") return result;
    await begin(result.login, request, reply);
    return { status: "complete" };
  }

  async function begin(login: Login, request: FastifyRequest, reply: FastifyReply) {
    const previous = request.cookies[auth.sessions.cookieName];
    const client = clientOf(request);
    const { cookie } = await auth.sessions.start(login, { previous, remember: true, client });
    reply.setCookie(cookie.name, cookie.value, cookie.attributes);
  }

  routes.get("/api/me", { config: open }, async (request): Promise<Me> => {
    const { principal } = request;
    return {
      account: (principal && (await accounts.get(principal.id))) ?? null,
      csrfToken: request.csrfToken(),
      limits: await uploads.limits(),
    };
  });

  routes.post(
    "/api/accounts",
    {
      config: open,
      schema: {
        body: z.object({
          email: Email,
          password: Password,
          name: z.string().trim().min(1).max(80),
        }),
      },
    },
    async (request, reply) => {
      const result = await accounts.signUp(request.body, clientOf(request));
      return reply.code(201).send(await answer(result, request, reply));
    },
  );

  routes.post(
    "/api/sessions",
    { config: open, schema: { body: z.object({ email: Email, password: Password }) } },
    async (request, reply) =>
      answer(await accounts.logIn(request.body, clientOf(request)), request, reply),
  );

  routes.post(
    "/api/sessions/code",
    {
      config: open,
      schema: { body: z.object({ challenge: z.string().max(256), code: z.string().max(64) }) },
    },
    async (request, reply): Promise<LogInResult> => {
      const login = await auth.completeLogin({ ...request.body, client: clientOf(request) });
      await begin(login, request, reply);
      return { status: "complete" };
    },
  );
};

function clientOf({ ip, headers }: FastifyRequest) {
  return { address: ip, userAgent: headers["user-agent"] };
}
