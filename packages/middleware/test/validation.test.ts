import type { StandardSchema } from "@infra/interfaces";
import { cookies } from "@infra/middleware/cookies";
import { errorHandler } from "@infra/middleware/error-handler";
import {
  isStandardSchema,
  validation,
  type StandardSchemaTypeProvider,
} from "@infra/middleware/validation";
import { describe, expect, it } from "@jest/globals";
import { fastify } from "fastify";
import { z } from "zod";

function createApp() {
  const app = fastify().withTypeProvider<StandardSchemaTypeProvider>();
  app.register(errorHandler);
  app.register(cookies);
  app.register(validation);
  app.register(async (plain) => {
    const scope = plain.withTypeProvider<StandardSchemaTypeProvider>();
    scope.post(
      "/notes/:id",
      {
        schema: {
          params: z.object({ id: z.coerce.number().int() }),
          querystring: z.object({ limit: z.coerce.number().default(10) }),
          headers: z.object({ "x-tag": z.string().optional() }),
          body: z.object({
            title: z.string().trim().min(1),
            tags: z.array(z.string()).default([]),
          }),
        },
      },
      (request) => {
        // the types are those of the schemas
        const id: number = request.params.id;
        const title: string = request.body.title;
        return { id, title, tags: request.body.tags, limit: request.query.limit };
      },
    );
    scope.get(
      "/session",
      { schema: { cookies: z.object({ theme: z.enum(["dark", "light"]) }) } },
      (request) => request.cookies,
    );
    scope.get(
      "/json/:id",
      { schema: { params: { type: "object", properties: { id: { type: "integer" } } } } },
      (request) => ({ id: request.params }),
    );
  });
  return app;
}

describe("validation", () => {
  it("gives the handler what the schemas made of the request", async () => {
    const response = await createApp().inject({
      method: "POST",
      url: "/notes/7",
      payload: { title: "  hello " },
    });

    expect(response.json()).toEqual({ id: 7, title: "hello", tags: [], limit: 10 });
  });

  it("tells of every mistake at once, each with a pointer", async () => {
    const response = await createApp().inject({
      method: "POST",
      url: "/notes/x?limit=y",
      payload: { title: "", tags: ["a", 1] },
    });

    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({
      code: "ERR_VALIDATION",
      errors: [
        { pointer: "/params/id" },
        { pointer: "/query/limit" },
        { pointer: "/body/title" },
        { pointer: "/body/tags/1" },
      ],
    });
  });

  it("validates cookies, and leaves JSON Schema to Fastify", async () => {
    const app = createApp();
    const session = (theme: string) => app.inject({ url: "/session", cookies: { theme } });

    expect((await session("dark")).json()).toEqual({ theme: "dark" });
    expect((await session("pink")).json()).toMatchObject({
      errors: [{ pointer: "/cookies/theme" }],
    });
    expect((await app.inject("/json/7")).json()).toEqual({ id: { id: 7 } });
    expect((await app.inject("/json/x")).statusCode).toBe(400);
  });

  it("waits for schemas that take their time, in any library's form", async () => {
    const slow: StandardSchema<{ name: string }> = Object.assign(() => undefined, {
      "~standard": {
        version: 1 as const,
        vendor: "test",
        validate: async (value: unknown) =>
          (value as { name?: string }).name === "free"
            ? { value: { name: "free" } }
            : { issues: [{ message: "is taken", path: [{ key: "name" }] }] },
      },
    });
    const app = fastify();
    app.register(errorHandler);
    app.register(validation);
    app.after(() => app.post("/", { schema: { body: slow } }, ({ body }) => body));
    const post = (name: string) => app.inject({ method: "POST", url: "/", payload: { name } });

    expect((await post("free")).json()).toEqual({ name: "free" });
    expect((await post("ada")).json()).toMatchObject({
      errors: [{ pointer: "/body/name", detail: "is taken" }],
    });
  });

  it("isStandardSchema() tells schemas from others", () => {
    expect(isStandardSchema(z.string())).toBe(true);
    for (const other of [undefined, null, {}, { "~standard": {} }, "x", () => 1]) {
      expect(isStandardSchema(other)).toBe(false);
    }
  });
});
