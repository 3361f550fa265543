import { ForbiddenError } from "@infra/errors";
import { PubSubService } from "@infra/pubsub";
import { GatewayService } from "@infra/pubsub/gateway";
import { ServerManager } from "@infra/server";
import { z } from "zod";

import { Accounts } from "./accounts.js";
import { bundlePage } from "./bundle-page.js";
import { indexHtml } from "./page/index-html.js";
import { messageSchema, room } from "./topics.js";

/** Options of {@link startChat}. */
export interface ChatOptions {
  readonly port: number;
  /** What joins the servers: `redis://…`, `postgres://…`. */
  readonly pubsubUrl: string;
  /** What all servers sign tokens with. */
  readonly secret: string;
  /** Where all the servers are: a page goes to another when one stops. */
  readonly urls: readonly string[];
  /** How long somebody stays signed in, in milliseconds. */
  readonly sessionMs: number;
}

const signIn = z.object({
  name: z.string().regex(/^[\w-]{1,40}$/),
  tenant: z.string().regex(/^[\w-]{1,40}$/),
});

/** One of the servers. */
export async function startChat(options: ChatOptions): Promise<{ stop(): Promise<void> }> {
  const pubsub = new PubSubService({
    url: options.pubsubUrl,
    durable: ["chat.#", "sessions.revoked"],
  });
  const accounts = new Accounts(options.secret, pubsub);
  const server = new ServerManager({
    port: options.port,
    host: "127.0.0.1",
    securityHeaders: {
      contentSecurityPolicy: `default-src 'self'; style-src 'unsafe-inline'; connect-src 'self' ${options.urls
        .map((url) => url.replace(/^http/, "ws"))
        .join(" ")}`,
    },
  });
  const gateway = new GatewayService(
    {
      origins: options.urls,
      // a room is for those of its company
      authorize: ({ principal, topic }) => {
        const [kind, tenant, ...rest] = topic.split(".");
        return kind === "chat" && tenant === principal?.tenantId && rest.length === 1;
      },
    },
    { pubsub, server, authenticator: accounts },
  );
  const page = await bundlePage();

  server.get("/", (_request, reply) => reply.type("text/html").send(indexHtml));
  server.get("/page.js", (_request, reply) => reply.type("text/javascript").send(page));
  server.post("/sign-in", { schema: { body: signIn } }, async ({ body }) => ({
    token: await accounts.signIn(body.name, body.tenant, options.sessionMs),
    urls: [...options.urls],
  }));
  server.post(
    "/sign-out",
    { schema: { body: z.object({ token: z.string() }) } },
    async ({ body }) => {
      await accounts.signOut(body.token);
      return {};
    },
  );
  // the same topics over plain HTTP: `curl -N -H "authorization: Bearer …" …/events?topic=chat.acme.lobby`
  server.get("/events", async (request, reply) => {
    reply.hijack();
    await gateway.events(request.raw, reply.raw);
  });
  server.post<{ Params: { tenant: string; room: string } }>(
    "/announce/:tenant/:room",
    async (request) => {
      if (request.headers["x-secret"] !== options.secret) throw new ForbiddenError("not for you");
      const { tenant, room: name } = request.params;
      await pubsub.publish(room(tenant, name), messageSchema.parse(request.body));
      return {};
    },
  );

  await pubsub.start();
  await accounts.start();
  await gateway.start();
  await server.start();
  return {
    async stop() {
      await gateway.stop();
      await server.stop();
      await pubsub.stop();
    },
  };
}
