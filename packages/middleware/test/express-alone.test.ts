import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

import { accessLog } from "@infra/middleware/access-log";
import { audit } from "@infra/middleware/audit";
import { authentication } from "@infra/middleware/authentication";
import { authorization } from "@infra/middleware/authorization";
import { concurrency } from "@infra/middleware/concurrency";
import { csrf } from "@infra/middleware/csrf";
import { onExpress, type ExpressHandler } from "@infra/middleware/express";
import { ipFilter } from "@infra/middleware/ip-filter";
import { maintenance } from "@infra/middleware/maintenance";
import { rateLimit } from "@infra/middleware/rate-limit";
import { requestId } from "@infra/middleware/request-id";
import { securityHeaders } from "@infra/middleware/security-headers";
import { tenant } from "@infra/middleware/tenant";
import { validation } from "@infra/middleware/validation";
import { MemoryLogger, until } from "@infra/testing";
import { afterEach, describe, expect, it } from "@jest/globals";
import express, { type NextFunction, type Request, type Response as Answer } from "express";
import { z } from "zod";

/** A request that a plugin lets through, what it leaves behind, and one that it refuses, with which status. */
interface Case {
  readonly handler: () => ExpressHandler;
  readonly passes?: RequestInit;
  readonly leaves?: (response: Response) => void | Promise<void>;
  readonly refuses?: readonly [send: (url: string) => Promise<Response>, status: number];
}

const logger = new MemoryLogger();
const events: unknown[] = [];
const sent = (init: RequestInit) => (url: string) => fetch(url, init);
const post = sent({ method: "POST" });
/** Answers that wait, of the path /held. */
const held: Answer[] = [];

const cases: Readonly<Record<string, Case>> = {
  "access-log": {
    handler: () => onExpress(accessLog, { logger }),
    async leaves() {
      await until(() => logger.lines.length > 0);
      expect(logger.lines.map(({ message }) => message)).toEqual(["GET / 200"]);
    },
  },
  audit: {
    handler: () => onExpress(audit, { sink: (event) => void events.push(event) }),
    passes: { method: "POST" },
    async leaves() {
      await until(() => events.length > 0);
      expect(events).toMatchObject([{ action: "POST /", outcome: "success" }]);
    },
  },
  authentication: {
    handler: () =>
      onExpress(authentication, {
        authenticator: {
          authenticate: async ({ value }) =>
            value === "good" ? { id: "ada", roles: [] } : undefined,
        },
      }),
    passes: { headers: { authorization: "Bearer good" } },
    leaves: ({ headers }) => expect(headers.get("vary")).toBe("authorization"),
    refuses: [sent({ headers: { authorization: "Bearer bad" } }), 401],
  },
  authorization: {
    handler: () =>
      onExpress(authorization, {
        authorizer: { decide: async (_who, _action, method) => ({ allowed: method === "GET" }) },
        can: { action: "notes", resource: ({ method }) => method },
      }),
    refuses: [post, 401],
  },
  concurrency: {
    handler: () => onExpress(concurrency, { limit: 1 }),
    refuses: [
      async (url) => {
        const first = fetch(`${url}/held`);
        const answer = await until(() => held.shift());
        const second = await fetch(url);
        answer.send("");
        expect((await first).status).toBe(200);
        return second;
      },
      503,
    ],
  },
  csrf: {
    handler: () => onExpress(csrf, { secret: "s".repeat(32) }),
    refuses: [post, 403],
  },
  "ip-filter": {
    handler: () => onExpress(ipFilter, { allow: ["127.0.0.1"] }),
    refuses: [sent({ headers: { "x-forwarded-for": "192.0.2.1" } }), 403],
  },
  maintenance: {
    handler: () =>
      onExpress(maintenance, { enabled: true, allow: ({ method }) => method === "GET" }),
    refuses: [post, 503],
  },
  "rate-limit": {
    handler: () => onExpress(rateLimit, { limit: 1 }),
    leaves: ({ headers }) => expect(headers.get("ratelimit")).toContain("r=0"),
    refuses: [
      async (url) => {
        await fetch(url);
        return await fetch(url);
      },
      429,
    ],
  },
  "request-id": {
    handler: () => onExpress(requestId),
    passes: { headers: { "x-request-id": "r-1" } },
    leaves: ({ headers }) => expect(headers.get("x-request-id")).toBe("r-1"),
  },
  "security-headers": {
    handler: () => onExpress(securityHeaders),
    leaves: ({ headers }) => expect(headers.get("x-content-type-options")).toBe("nosniff"),
  },
  tenant: {
    handler: () => onExpress(tenant, { from: { header: "x-tenant" } }),
    passes: { headers: { "x-tenant": "acme" } },
    refuses: [sent({}), 400],
  },
  validation: {
    handler: () =>
      onExpress(validation, {
        schema: { headers: z.looseObject({ "x-number": z.coerce.number() }) },
      }),
    passes: { headers: { "x-number": "7" } },
    refuses: [sent({ headers: { "x-number": "seven" } }), 400],
  },
};

let server: Server;
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

/** An application that has this plugin, and nothing else of ours. */
async function start(name: string): Promise<string> {
  const app = express();
  app.set("trust proxy", true);
  app.use(cases[name]!.handler());
  app.all("/", (_request, response) => void response.send("ok"));
  app.get("/held", (_request, response) => void held.push(response));
  app.use(
    (error: { status?: number }, _request: Request, response: Answer, _next: NextFunction) => {
      response.status(error.status ?? 500).end();
    },
  );
  server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const names = Object.keys(cases);

describe("every plugin that does not depend on the framework", () => {
  it.each(names)("%s works alone on Express 5", async (name) => {
    const { passes = {}, leaves } = cases[name]!;
    const response = await fetch(await start(name), passes);

    expect(await response.text()).toBe("ok");
    await leaves?.(response);
  });

  it.each(names.filter((name) => cases[name]!.refuses))(
    "%s refuses alone on Express 5",
    async (name) => {
      const url = await start(name);
      const [send, status] = cases[name]!.refuses!;

      expect((await send(url)).status).toBe(status);
    },
  );
});

describe("README", () => {
  it("says of exactly these that they run on Express", async () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const marked = [...readme.matchAll(/^### ([\w-]+)\n\n_Express(?:\._|,)/gm)].map(
      ([, name]) => name,
    );
    expect(new Set(marked)).toEqual(new Set(Object.keys(cases)));
  });
});
