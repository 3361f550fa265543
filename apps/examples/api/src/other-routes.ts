// the type of request.file
import "@fastify/multipart";
import type { AuthEvent } from "@infra/auth";
import { ValidationError } from "@infra/errors";
import { sendEvents, type ServerEvent, type ServerManager } from "@infra/server";
import { z } from "zod";

import type { RouteServices } from "./routes.js";

const tags = ["other"];

/** A form, an upload, a stream of events, and what a program reads with its key. */
export function addOtherRoutes(server: ServerManager, { auth }: RouteServices): void {
  server.fastify.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string" },
    async (_request: unknown, body: string) => Object.fromEntries(new URLSearchParams(body)),
  );

  server.get("/reports", { config: { can: "reports.read" }, schema: { tags } }, async () => ({
    reports: ["all is well"],
  }));

  server.get("/csrf", { schema: { tags } }, async (request) => ({ token: request.csrfToken() }));

  server.get("/name", { schema: { tags } }, async (request, reply) =>
    reply
      .type("text/html; charset=utf-8")
      .send(
        `<form method="post"><input name="name"><input type="hidden" name="_csrf" value="${request.csrfToken()}"><button>Save</button></form>`,
      ),
  );

  server.post(
    "/name",
    { schema: { body: z.object({ name: z.string().min(1).max(200) }), tags } },
    async ({ principal, body }) => await auth.accounts.setData(principal!.id, { name: body.name }),
  );

  server.post("/files", { schema: { tags } }, async (request, reply) => {
    const file = await request.file();
    if (!file) {
      throw new ValidationError("the form has no file", {
        issues: [{ path: ["file"], message: "must be a file" }],
      });
    }
    const content = await file.toBuffer();
    return reply.code(201).send({ name: file.filename, bytes: content.length });
  });

  server.get("/events", { schema: { tags } }, (request, reply) =>
    sendEvents(request, reply, eventsOf(request.principal!.id, request.signal)),
  );

  /** What happens to an account, as it happens. */
  async function* eventsOf(accountId: string, signal: AbortSignal): AsyncGenerator<ServerEvent> {
    const waiting: AuthEvent[] = [];
    let wake: (() => void) | undefined;
    const stop = auth.on((event) => {
      // a client that does not read is not waited for
      if (event.accountId === accountId && waiting.length < 100) waiting.push(event);
      wake?.();
    });
    signal.addEventListener("abort", () => wake?.(), { once: true });
    try {
      yield { event: "ready", data: {} };
      while (!signal.aborted) {
        const event = waiting.shift();
        if (event) yield { event: event.type, data: { at: event.at } };
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      stop();
    }
  }
}
