import type { Authenticator, Authorizer } from "@infra/interfaces";
import { authentication } from "@infra/middleware/authentication";
import { authorization } from "@infra/middleware/authorization";
import { errorHandler } from "@infra/middleware/error-handler";
import { describe, expect, it } from "@jest/globals";
import { fastify } from "fastify";

const authenticator: Authenticator = {
  authenticate: async ({ value }) => ({ id: value, roles: [] }),
};
const authorizer: Authorizer = {
  async decide(principal, action, resource) {
    const owner = (resource as { owner?: string } | undefined)?.owner;
    const allowed = principal?.id === "ada" && (owner === undefined || owner === "ada");
    return { allowed, reason: allowed ? undefined : `${action} is for its owner` };
  },
};

function createApp() {
  const app = fastify();
  app.register(errorHandler);
  app.register(authentication, { authenticator, mode: "optional" });
  app.register(authorization, { authorizer });
  app.after(() => {
    app.get("/plain", { config: { can: "notes.list" } }, () => "ok");
    app.post(
      "/notes",
      { config: { can: { action: "notes.write", resource: ({ body }) => body } } },
      () => "ok",
    );
    app.get("/ask", async (request) => ({
      can: await request.can("notes.write", { owner: "bob" }),
    }));
    app.get("/insist", async (request) => {
      await request.authorize("notes.write", { owner: "bob" });
    });
  });
  return app;
}

const as = (id: string) => ({ "x-api-key": id });

describe("authorization", () => {
  it("lets through who may, and says why to who may not", async () => {
    const app = createApp();
    const refused = await app.inject({ url: "/plain", headers: as("bob") });

    expect((await app.inject({ url: "/plain", headers: as("ada") })).statusCode).toBe(200);
    expect(refused.statusCode).toBe(403);
    expect(refused.json()).toMatchObject({
      code: "ERR_FORBIDDEN",
      detail: "notes.list is for its owner",
    });
  });

  it("answers nobody with 401", async () => {
    expect((await createApp().inject("/plain")).statusCode).toBe(401);
  });

  it("decides by the resource, when the body is known", async () => {
    const app = createApp();
    const post = async (owner: string) =>
      (await app.inject({ method: "POST", url: "/notes", headers: as("ada"), payload: { owner } }))
        .statusCode;

    expect(await post("ada")).toBe(200);
    expect(await post("bob")).toBe(403);
  });

  it("answers handlers that ask", async () => {
    const app = createApp();

    expect((await app.inject({ url: "/ask", headers: as("ada") })).json()).toEqual({ can: false });
    expect((await app.inject({ url: "/insist", headers: as("ada") })).statusCode).toBe(403);
    expect((await app.inject("/insist")).statusCode).toBe(401);
  });

  it("wants an authorizer", async () => {
    const app = fastify();
    app.register(authorization, {} as never);
    await expect(app.ready()).rejects.toThrow("authorizer must be an Authorizer");
  });
});
