import { promisify } from "node:util";

import { concurrency, type ConcurrencyOptions } from "@infra/middleware/concurrency";
import { errorHandler } from "@infra/middleware/error-handler";
import { ipFilter, type IpFilterOptions } from "@infra/middleware/ip-filter";
import { maintenance } from "@infra/middleware/maintenance";
import { tenant, type TenantOptions } from "@infra/middleware/tenant";
import { settle, until } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";
import { fastify, type FastifyInstance } from "fastify";

async function filteredStatus(options: IpFilterOptions, remoteAddress: string, url = "/") {
  const app = fastify();
  app.register(errorHandler);
  app.register(ipFilter, options);
  app.after(() => {
    app.get("/", () => "ok");
    app.get("/open", { config: { ipFilter: false } }, () => "ok");
  });
  return (await app.inject({ url, remoteAddress })).statusCode;
}

function createTenantApp(options: TenantOptions) {
  const app = fastify();
  app.register(errorHandler);
  app.addHook("onRequest", (request, _reply, next) => {
    const tenantId = request.headers["x-own"];
    if (tenantId) Object.assign(request, { principal: { id: "ada", roles: [], tenantId } });
    next();
  });
  app.register(tenant, options);
  app.register(async (scope) => {
    scope.get("/", ({ tenantId }) => ({ tenantId }));
    scope.get("/any", { config: { tenant: "none" } }, () => "ok");
    scope.get("/maybe", { config: { tenant: "optional" } }, ({ tenantId }) => ({ tenantId }));
  });
  return app;
}

function connectionsOf({ server }: FastifyInstance): Promise<number> {
  return promisify(server.getConnections.bind(server))();
}

function createBoundedApp(options: ConcurrencyOptions) {
  const app = fastify();
  const running: (() => void)[] = [];
  app.register(errorHandler);
  app.register(concurrency, options);
  const wait = () => new Promise((resolve) => running.push(() => resolve("done")));
  app.after(() => {
    app.get("/", wait);
    app.get("/own", { config: { concurrency: { limit: 1 } } }, wait);
    app.get("/free", { config: { concurrency: false } }, () => "ok");
  });
  const started = async (count: number) => {
    while (running.length < count) await new Promise(setImmediate);
  };
  return { app, running, started };
}

describe("ipFilter", () => {
  it.each([
    [{ allow: ["10.0.0.0/8"] }, "10.1.2.3", 200],
    [{ allow: ["10.0.0.0/8"] }, "11.1.2.3", 403],
    [{ allow: ["10.0.0.0/8"] }, "::ffff:10.1.2.3", 200],
    [{ allow: ["10.0.0.0/8"], deny: ["10.0.0.9"] }, "10.0.0.9", 403],
    [{ deny: ["2001:db8::/32"] }, "2001:db8::1", 403],
    [{ deny: ["2001:db8::/32"] }, "2001:db9::1", 200],
    [{ allow: [] }, "10.0.0.1", 403],
    [{ deny: ["10.0.0.1"] }, "no address", 403],
    [{}, "10.0.0.1", 200],
  ])("%j answers %s with %i", async (options, address, expected) => {
    expect(await filteredStatus(options, address)).toBe(expected);
  });

  it("leaves out a route that says so, and refuses what is no network", async () => {
    expect(await filteredStatus({ allow: [] }, "10.0.0.1", "/open")).toBe(200);
    for (const entry of ["10.0.0.0/33", "10.0.0/8", "host", "10.0.0.0/", "10.0.0.0/8/8"]) {
      await expect(filteredStatus({ deny: [entry] }, "10.0.0.1")).rejects.toThrow(
        "ip filter: deny must hold addresses and networks",
      );
    }
  });
});

describe("maintenance", () => {
  it("answers with 503 and Retry-After while it is on, but for who is let through", async () => {
    let on = false;
    const app = fastify();
    app.register(errorHandler);
    app.register(maintenance, {
      enabled: async () => on,
      allow: ({ headers }) => headers["x-admin"] === "yes",
      retryAfter: "2m",
    });
    app.after(() => {
      app.get("/", () => "ok");
      app.get("/health", { config: { maintenance: false } }, () => "ok");
    });
    const get = (url: string, headers = {}) => app.inject({ url, headers });

    expect((await get("/")).statusCode).toBe(200);
    on = true;
    const refused = await get("/");
    expect(refused.statusCode).toBe(503);
    expect(refused.headers["retry-after"]).toBe("120");
    expect(refused.json()).toMatchObject({
      code: "ERR_MIDDLEWARE_MAINTENANCE",
      detail: "This is being maintained. Please try again later.",
    });
    expect((await get("/", { "x-admin": "yes" })).statusCode).toBe(200);
    expect((await get("/health")).statusCode).toBe(200);
  });
});

describe("tenant", () => {
  const options: TenantOptions = {
    from: [{ subdomainOf: "example.com" }, { header: "X-Tenant" }, "principal"],
    exists: async (id) => id !== "gone",
  };

  it.each([
    [{ host: "acme.example.com:8080" }, 200, "acme"],
    [{ host: "ACME.example.com" }, 200, "acme"],
    [{ host: "a.b.example.com", "x-tenant": "other" }, 200, "other"],
    [{ host: "example.com", "x-own": "mine" }, 200, "mine"],
    [{ host: "example.com" }, 400, undefined],
    [{ host: "gone.example.com" }, 404, undefined],
    [{ host: "x", "x-tenant": "../etc" }, 404, undefined],
    [{ host: "acme.example.com", "x-own": "other" }, 403, undefined],
  ])("%j is %i", async (headers, status, tenantId) => {
    const response = await createTenantApp(options).inject({
      url: "/",
      headers: headers as Record<string, string>,
    });

    expect(response.statusCode).toBe(status);
    expect(response.json<{ tenantId?: string }>().tenantId).toBe(tenantId);
  });

  it("goes by the route, and by a function", async () => {
    const app = createTenantApp({ from: () => undefined });

    expect((await app.inject("/any")).statusCode).toBe(200);
    expect((await app.inject("/maybe")).json()).toEqual({});
    expect((await app.inject("/nowhere")).statusCode).toBe(404);
    expect((await createTenantApp({ from: () => "f" }).inject("/")).json()).toEqual({
      tenantId: "f",
    });
  });
});

describe("concurrency", () => {
  it("runs so many at a time, lets so many wait, and refuses the rest", async () => {
    const { app, running, started } = createBoundedApp({ limit: 2, queue: 1 });
    await app.ready();
    const all = Array.from({ length: 4 }, () => app.inject("/"));
    await started(2);
    const refused = await Promise.race(all);

    expect(refused.statusCode).toBe(503);
    expect(refused.headers["retry-after"]).toBe("1");
    expect(refused.json()).toMatchObject({ code: "ERR_MIDDLEWARE_CONCURRENCY_LIMIT" });
    expect((await app.inject("/free")).statusCode).toBe(200);
    running[0]!();
    await started(3);
    running[1]!();
    running[2]!();
    const statuses = (await Promise.all(all)).map(({ statusCode }) => statusCode);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 200, 200, 503]);
  });

  it("Trap: gives a turn to nobody who went away before it came to that", async () => {
    const app = fastify();
    const held: (() => void)[] = [];
    // as a plugin does that looks something up
    app.addHook("onRequest", async () => {
      await new Promise<void>((resolve) => held.push(resolve));
    });
    app.register(concurrency, { limit: 1 });
    app.after(() => app.get("/", () => "ok"));
    const url = await app.listen({ port: 0, host: "127.0.0.1" });
    const controller = new AbortController();
    const gone = fetch(url, controller).catch(() => "gone");
    while (held.length < 1) await settle();
    controller.abort();
    expect(await gone).toBe("gone");
    await until(async () => (await connectionsOf(app)) === 0);
    held.shift()!();
    for (let at = 0; at < 2; at += 1) {
      const next = fetch(url);
      while (held.length < 1) await settle();
      held.shift()!();
      expect((await next).status).toBe(200);
    }
    await app.close();
  });

  it("bounds a route by itself, and gives back every turn", async () => {
    const { app, running, started } = createBoundedApp({ limit: 5 });
    for (let turn = 1; turn <= 3; turn += 1) {
      const one = app.inject("/own");
      await started(turn);
      expect((await app.inject("/own")).statusCode).toBe(503);
      running[turn - 1]!();
      expect((await one).statusCode).toBe(200);
    }
  });

  it("refuses bounds that are none", async () => {
    await expect(createBoundedApp({ limit: 0 }).app.ready()).rejects.toThrow(
      "concurrency: limit must be a whole number from 1, got 0",
    );
  });
});
