import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

import { NotFoundError } from "@infra/errors";
import { accessLog } from "@infra/middleware/access-log";
import { audit, type AuditEvent } from "@infra/middleware/audit";
import { authentication } from "@infra/middleware/authentication";
import { authorization } from "@infra/middleware/authorization";
import { concurrency } from "@infra/middleware/concurrency";
import { csrf } from "@infra/middleware/csrf";
import { expressErrors, expressNotFound, onExpress } from "@infra/middleware/express";
import { ipFilter } from "@infra/middleware/ip-filter";
import { maintenance } from "@infra/middleware/maintenance";
import { rateLimit } from "@infra/middleware/rate-limit";
import { requestId } from "@infra/middleware/request-id";
import { securityHeaders } from "@infra/middleware/security-headers";
import { tenant } from "@infra/middleware/tenant";
import { validation } from "@infra/middleware/validation";
import { MemoryLogger } from "@infra/testing";
import { afterEach, describe, expect, it } from "@jest/globals";
import express, { type Express, type Request } from "express";
import { z } from "zod";

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
});

async function start(app: Express): Promise<string> {
  const server = app.listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type Known = Request & { id: string; principal?: { id: string }; tenantId?: string } & {
  cspNonce: string;
  csrfToken: () => string;
};

describe("onExpress", () => {
  it("runs all that does not depend on the framework on Express 5", async () => {
    const logger = new MemoryLogger();
    const events: AuditEvent[] = [];
    const app = express();
    app.use(
      onExpress(requestId),
      onExpress(accessLog, { logger }),
      onExpress(securityHeaders, { contentSecurityPolicy: "script-src {nonce}" }),
      onExpress(audit, { sink: (event) => void events.push(event) }),
      onExpress(maintenance, { enabled: async () => false }),
      onExpress(ipFilter, { allow: ["127.0.0.0/8"] }),
      onExpress(concurrency, { limit: 10 }),
      onExpress(rateLimit, { limit: 2 }),
      onExpress(authentication, {
        authenticator: { authenticate: async ({ value }) => ({ id: value, roles: [] }) },
      }),
      onExpress(tenant, { from: { header: "x-tenant" } }),
    );
    app.post(
      "/notes/:id",
      express.json(),
      onExpress(validation, {
        schema: {
          params: z.object({ id: z.coerce.number() }),
          querystring: z.object({ limit: z.coerce.number() }),
          body: z.object({ title: z.string() }),
        },
      }),
      onExpress(authorization, {
        authorizer: { decide: async (who) => ({ allowed: who?.id === "ada" }) },
        can: "notes.write",
      }),
      (request, response) => {
        const { id, principal, tenantId, cspNonce, params, query } = request as unknown as Known;
        response.json({ id, who: principal?.id, tenantId, nonce: cspNonce, params, query });
      },
    );
    app.use(expressNotFound(), expressErrors({ logger }));
    const url = await start(app);
    const post = (key: string, body: unknown = { title: "x" }, path = "/notes/7?limit=3") =>
      fetch(`${url}${path}`, {
        method: "POST",
        body: JSON.stringify(body),
        headers: {
          "content-type": "application/json",
          "x-api-key": key,
          "x-tenant": "acme",
          "x-request-id": "r-1",
        },
      });

    const ok = await post("ada");
    const answer = (await ok.json()) as { nonce: string };
    expect(answer).toMatchObject({
      id: "r-1",
      who: "ada",
      tenantId: "acme",
      params: { id: 7 },
      query: { limit: 3 },
    });
    expect(Object.fromEntries(ok.headers)).toMatchObject({
      "x-request-id": "r-1",
      "content-security-policy": `script-src 'nonce-${answer.nonce}'`,
      "x-content-type-options": "nosniff",
      ratelimit: expect.stringContaining("r=1"),
    });
    expect(await (await post("bob")).json()).toMatchObject({ code: "ERR_FORBIDDEN" });
    const limited = await post("ada");
    expect(limited.status).toBe(429);
    expect(limited.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(limited.headers.get("content-type")).toContain("application/problem+json");
    expect(logger.lines.map(({ message }) => message)).toEqual([
      "POST /notes/7 200",
      "POST /notes/7 403",
      "POST /notes/7 429",
    ]);
    expect(logger.lines[0]!.meta).toMatchObject({ route: "/notes/:id", requestId: "r-1" });
    expect(events.map(({ outcome }) => outcome)).toEqual(["success", "denied", "failure"]);
  });

  it("refuses forged requests on Express", async () => {
    const app = express();
    app.use(onExpress(csrf, { secret: "s".repeat(32), secure: false, cookie: "csrf" }));
    app.get("/", (request, response) => {
      response.cookie("own", "1");
      response.send((request as unknown as Known).csrfToken());
    });
    app.post("/", (_request, response) => void response.send("done"));
    app.use(expressErrors());
    const url = await start(app);
    const form = await fetch(url);
    const token = await form.text();
    const cookies = form.headers.getSetCookie();
    const cookie = cookies.find((each) => each.startsWith("csrf="))!.split(";")[0]!;

    expect(cookies).toHaveLength(2);
    expect((await fetch(url, { method: "POST" })).status).toBe(403);
    const headers = { cookie, "x-csrf-token": token };
    expect((await fetch(url, { method: "POST", headers })).status).toBe(200);
  });
});

describe("expressErrors", () => {
  it("answers as the error handler does on Fastify, and tells nothing of a failure", async () => {
    const logger = new MemoryLogger();
    const app = express();
    app.get("/404", () => {
      throw new NotFoundError("no such note");
    });
    app.get("/500", () => {
      throw new Error("select * from secrets at /srv/app.js");
    });
    app.get("/half", (_request, response) => {
      response.write("half");
      throw new Error("lost");
    });
    app.post("/json", express.json({ limit: 10 }), (_request, response) => void response.send(""));
    app.use(expressNotFound(), expressErrors({ logger }));
    const url = await start(app);

    expect(await (await fetch(`${url}/404`)).json()).toMatchObject({ detail: "no such note" });
    expect(await (await fetch(`${url}/nowhere`)).json()).toMatchObject({
      code: "ERR_MIDDLEWARE_ROUTE_NOT_FOUND",
    });
    const failed = await (await fetch(`${url}/500`)).text();
    expect(failed).not.toMatch(/select|srv|stack/);
    expect(logger.lines[0]).toMatchObject({ level: "error", message: "request failed" });
    const large = await fetch(`${url}/json`, {
      method: "POST",
      body: JSON.stringify({ a: "x".repeat(100) }),
      headers: { "content-type": "application/json" },
    });
    expect(large.status).toBe(413);
    const page = await fetch(`${url}/404`, { headers: { accept: "text/html" } });
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    await expect(fetch(`${url}/half`).then((response) => response.text())).rejects.toThrow(
      /terminated|fetch failed/,
    );
  });
});
