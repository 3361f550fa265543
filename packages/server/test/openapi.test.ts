import { ServerManager } from "@infra/server";
import { describe, expect, it } from "@jest/globals";
import type { FastifyInstance } from "fastify";

describe("the option openapi", () => {
  const info = { title: "Notes", version: "1.0.0" };

  function createServer(): ServerManager {
    const server = new ServerManager({
      openapi: { info, document: { tags: [{ name: "notes" }] } },
    });
    const schema = {
      tags: ["notes"],
      params: { type: "object", properties: { id: { type: "string" } } },
    };
    server.get("/notes/:id", { schema }, () => ({}));
    server.get("/internal", { schema: { hide: true } }, () => ({}));
    server.register(async (fastify: FastifyInstance) => {
      fastify.post("/notes", () => ({}));
    });
    return server;
  }

  it("describes the routes, in the order of things", async () => {
    const document = (await createServer().inject("/docs/json")).json();

    expect(document).toMatchObject({ openapi: expect.stringMatching(/^3\./), info });
    expect(document.tags).toEqual([{ name: "notes" }]);
    expect(Object.keys(document.paths)).toEqual(["/notes/{id}", "/notes"]);
    expect(document.paths["/notes/{id}"].get).toMatchObject({
      tags: ["notes"],
      parameters: [{ in: "path", name: "id", required: true }],
    });
  });

  it("shows a page that needs nothing from elsewhere, under a policy that allows nothing else", async () => {
    const server = createServer();
    const page = await server.inject("/docs");
    const sources = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source!);

    expect(page.statusCode).toBe(200);
    expect(page.headers["content-security-policy"]).toContain("script-src 'self';");
    expect(page.headers["content-security-policy"]).not.toMatch(/https:|unsafe|upgrade-insecure/);
    expect(page.body).not.toMatch(/<script>|<style>/);
    expect(sources.length).toBeGreaterThan(3);
    for (const source of sources) {
      expect(source).toMatch(/^\/docs\//);
      expect((await server.inject(source)).statusCode).toBe(200);
    }
    expect((await server.inject("/docs/static/swagger-initializer.js")).body).toContain(
      '"validatorUrl":null',
    );
  });
});
