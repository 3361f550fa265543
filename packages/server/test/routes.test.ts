import helmet from "@fastify/helmet";
import { requestId } from "@infra/middleware/request-id";
import { ServerManager } from "@infra/server";
import { describe, expect, it } from "@jest/globals";
import { expectTypeOf } from "expect-type";
import express, { Router, type NextFunction, type Request, type Response } from "express";
import type { FastifyInstance } from "fastify";
import fp from "fastify-plugin";
import { z } from "zod";

describe("routes", () => {
  it("stand in groups with a prefix, a version, hooks and plugins of their own", async () => {
    const server = new ServerManager();
    server.get("/outside", () => "outside");
    server.group("/v1", (v1) => {
      v1.fastify.addHook("onRequest", (_request, reply, next) => {
        reply.header("x-group", "v1");
        next();
      });
      v1.get("/notes", () => "notes").post("/notes", () => "made");
      v1.group("/admin", (admin) => {
        admin.route({ method: "GET", url: "/users", handler: () => "users" });
      });
    });

    expect((await server.inject("/v1/notes")).headers["x-group"]).toBe("v1");
    expect((await server.inject("/v1/admin/users")).body).toBe("users");
    expect((await server.inject("/v1/admin/users")).headers["x-group"]).toBe("v1");
    expect((await server.inject("/outside")).headers["x-group"]).toBeUndefined();
  });

  it("have versions that requests choose", async () => {
    const server = new ServerManager();
    server.group({ version: "1.0.0" }, (group) => void group.get("/notes", () => "one"));
    server.group({ version: "2.1.0" }, (group) => {
      group.group("", (inner) => void inner.get("/notes", () => "two"));
    });
    const get = async (version: string) =>
      server.inject({ url: "/notes", headers: { "accept-version": version } });

    expect((await get("1.x")).body).toBe("one");
    expect((await get("2.x")).body).toBe("two");
    expect((await get("3.x")).statusCode).toBe(404);
  });

  it("have names, and paths are made of them", async () => {
    const server = new ServerManager({ health: false });
    server.group("/v1", (v1) => {
      v1.get("/notes/:id", { config: { name: "notes.show" } }, () => "x");
      v1.get("/files/*", { config: { name: "files" } }, () => "x");
      v1.get("/days/:day(^\\d+$)/:hour?", { config: { name: "days" } }, () => "x");
    });
    await server.inject("/");

    expect(server.urlFor("notes.show", { id: "a/b ü" })).toBe("/v1/notes/a%2Fb%20%C3%BC");
    expect(server.urlFor("notes.show", { id: 7 }, { q: "a b", none: undefined })).toBe(
      "/v1/notes/7?q=a+b",
    );
    expect(server.urlFor("files", { "*": "a b/c.txt" })).toBe("/v1/files/a%20b/c.txt");
    expect(server.urlFor("days", { day: 3 })).toBe("/v1/days/3");
    expect(server.urlFor("days", { day: 3, hour: 4 })).toBe("/v1/days/3/4");
    expect(() => server.urlFor("notes.show")).toThrow(
      "the route notes.show (/v1/notes/:id) needs the parameter id",
    );
    expect(() => server.urlFor("nothing")).toThrow(
      'no route is called "nothing"; there are: notes.show, files, days',
    );
  });

  it("refuse a name that another has, when the server boots", async () => {
    const server = new ServerManager();
    server.get("/a", { config: { name: "x" } }, () => "a");
    server.get("/b", { config: { name: "x" } }, () => "b");

    await expect(server.inject("/a")).rejects.toThrow('two routes are called "x": /a and /b');
  });

  it("can be listed and printed, with the plugins on their way", async () => {
    const server = new ServerManager({ health: false });
    server.get("/notes/:id", { config: { name: "notes.show" } }, () => "x");
    server.group({ prefix: "/v2", version: "2.0.0" }, (v2) => void v2.post("/notes", () => "x"));
    await server.inject("/");

    const middleware = ["request-id", "security-headers", "limits", "validation", "error-handler"];
    expect(server.routes).toEqual([
      { method: "GET", url: "/notes/:id", name: "notes.show", version: undefined, middleware },
      { method: "POST", url: "/v2/notes", name: undefined, version: "2.0.0", middleware },
    ]);
    const around = middleware.join(" > ");
    expect(server.printRoutes()).toBe(
      [
        `GET   /notes/:id  notes.show         ${around}`,
        `POST  /v2/notes               2.0.0  ${around}`,
      ].join("\n"),
    );
  });

  it("are typed and validated by Zod, or any other Standard Schema, and so are their answers", async () => {
    const server = new ServerManager({ openapi: { info: { title: "T", version: "1.0.0" } } });
    server.put(
      "/notes/:id",
      {
        schema: {
          params: z.object({ id: z.coerce.number() }),
          body: z.object({ title: z.string() }),
          response: { 200: z.object({ id: z.number(), title: z.string() }) },
        },
      },
      (request) => {
        expectTypeOf(request.params).toEqualTypeOf<{ id: number }>();
        expectTypeOf(request.body).toEqualTypeOf<{ title: string }>();
        return { id: request.params.id, title: request.body.title, secret: "not for you" };
      },
    );
    server.get("/wrong", { schema: { response: { 200: z.object({ n: z.number() }) } } }, () => ({
      n: "no number" as unknown as number,
    }));
    const put = (payload: object) => server.inject({ method: "PUT", url: "/notes/7", payload });

    expect((await put({ title: "x" })).json()).toEqual({ id: 7, title: "x" });
    expect((await put({ title: 1 })).json()).toMatchObject({
      code: "ERR_VALIDATION",
      errors: [{ pointer: "/body/title" }],
    });
    const wrong = await server.inject("/wrong");
    expect(wrong.statusCode).toBe(500);
    expect(wrong.body).not.toContain("expected");
    const document = (await server.inject("/docs/json")).json();
    const { put: described } = document.paths["/notes/{id}"];
    expect(described.parameters).toMatchObject([{ in: "path", name: "id", required: true }]);
    expect(described.requestBody.content["application/json"].schema).toMatchObject({
      properties: { title: { type: "string" } },
      required: ["title"],
    });
    expect(described.responses["200"].content["application/json"].schema.properties).toMatchObject({
      id: { type: "number" },
    });
  });
});

describe("what others wrote", () => {
  it("Express middleware and routers run unchanged", async () => {
    const server = new ServerManager();
    const seen: string[] = [];
    server.use((request: Request, response: Response, next: NextFunction) => {
      seen.push(request.get("host") ?? "none");
      response.set("x-express", "yes");
      next();
    });
    const router = Router();
    router.get("/hello/:name", (request, response) => {
      response.status(201).json({ hello: request.params["name"], query: request.query["q"] });
    });
    router.post("/body", express.json(), (request, response) => {
      response.json({ got: request.body });
    });
    router.get("/fails", (_request, _response, next) => next(new Error("select * from users")));
    server.use("/express", router);
    server.get("/fastify", (request) => ({ id: request.id }));
    await server.start({});
    try {
      const get = async (path: string, init = {}) => fetch(`${server.url}${path}`, init);
      const hello = await get("/express/hello/ada?q=1");
      expect(hello.status).toBe(201);
      expect(await hello.json()).toEqual({ hello: "ada", query: "1" });
      expect(hello.headers.get("x-content-type-options")).toBe("nosniff");
      const fastify = await get("/fastify");
      expect(fastify.status).toBe(200);
      expect(fastify.headers.get("x-express")).toBe("yes");
      const body = await get("/express/body", {
        method: "POST",
        body: '{"a":1}',
        headers: { "content-type": "application/json" },
      });
      expect(await body.json()).toEqual({ got: { a: 1 } });
      const failed = await get("/express/fails");
      expect(failed.status).toBe(500);
      expect(await failed.text()).not.toContain("select");
      expect(seen).toHaveLength(4);
    } finally {
      await server.stop();
    }
  });

  it("Fastify plugins run unchanged, with what they decorate, and their own parsers", async () => {
    const server = new ServerManager();
    server.register(
      fp(async (fastify: FastifyInstance, options: { greeting: string }) => {
        fastify.decorate("greet", () => options.greeting);
        fastify.addContentTypeParser(
          "application/json",
          { parseAs: "string" },
          (_request: unknown, body: unknown) => Promise.resolve({ own: String(body) }),
        );
      }),
      { greeting: "hello" },
    );
    server.post("/", ({ body, server: fastify }) => ({
      greeting: (fastify as unknown as { greet(): string }).greet(),
      body,
    }));
    const response = await server.inject({ method: "POST", url: "/", payload: { a: 1 } });

    expect(response.json()).toEqual({ greeting: "hello", body: { own: '{"a":1}' } });
  });

  it("a published Fastify plugin runs unchanged, with its own options for a route", async () => {
    const server = new ServerManager({ securityHeaders: false });
    server.register(helmet, { xPermittedCrossDomainPolicies: false });
    server.get("/framed", { helmet: { frameguard: { action: "deny" } } }, (_request, reply) =>
      reply.send({ helmet: typeof reply.helmet }),
    );
    const { headers, statusCode } = await server.inject("/framed");

    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({ "x-dns-prefetch-control": "off", "x-frame-options": "DENY" });
    expect(headers).not.toHaveProperty("x-permitted-cross-domain-policies");
    expect((await server.inject("/nowhere")).headers).toHaveProperty("x-dns-prefetch-control");
  });

  it("Trap: a plugin of the middleware that comes in the wrong order keeps the server from booting", async () => {
    const server = new ServerManager({ requestId: false });
    server.register(requestId);

    await expect(server.inject("/")).rejects.toMatchObject({ code: "ERR_MIDDLEWARE_ORDER" });
  });
});
