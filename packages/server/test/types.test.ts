import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { Config, ConfigSection, HttpServer } from "@infra/interfaces";
import { ServerManager, serverConfig, type ServerOptions } from "@infra/server";
import { describe, expect, it } from "@jest/globals";
import { expectTypeOf } from "expect-type";
import { Type } from "typebox";

describe("the types of handlers", () => {
  it("come from a TypeBox schema through the type provider", async () => {
    const server = new ServerManager().withTypeProvider<TypeBoxTypeProvider>();
    const schema = {
      body: Type.Object({ title: Type.String(), tags: Type.Array(Type.String()) }),
      params: Type.Object({ id: Type.Integer() }),
    };
    server.put("/notes/:id", { schema }, (request) => {
      expectTypeOf(request.body).toEqualTypeOf<{ title: string; tags: string[] }>();
      expectTypeOf(request.params).toEqualTypeOf<{ id: number }>();
      return { id: request.params.id, title: request.body.title };
    });
    server.route({
      method: "POST",
      url: "/notes",
      schema: { body: Type.Object({ title: Type.String() }) },
      handler: (request) => {
        expectTypeOf(request.body).toEqualTypeOf<{ title: string }>();
        return request.body;
      },
    });
    const payload = { title: "a", tags: [] };

    const response = await server.inject({ method: "PUT", url: "/notes/7", payload });
    expect(response.json()).toEqual({ id: 7, title: "a" });
    expect((await server.inject({ method: "POST", url: "/notes", payload })).json()).toEqual({
      title: "a",
      tags: [],
    });
  });

  it("come from type arguments without a provider", () => {
    new ServerManager().get<{ Params: { id: string }; Querystring: { limit?: string } }>(
      "/notes/:id",
      ({ params, query }) => {
        expectTypeOf(params).toEqualTypeOf<{ id: string }>();
        expectTypeOf(query).toEqualTypeOf<{ limit?: string }>();
        return "ok";
      },
    );
    expect(ServerManager).toBeDefined();
  });
});

describe("ServerManager and a container", () => {
  it("answers to the token server, and takes its section as options", () => {
    const config: Config = {
      section: <S>(section: S) => (section as unknown as ConfigSection).defaults() as never,
      check: () => [],
    };
    const options: ServerOptions = config.section(serverConfig);

    expect(ServerManager.provides.name).toBe("server");
    expect(new ServerManager(options).url).toBeUndefined();
    expectTypeOf<ServerManager>().toExtend<HttpServer>();
  });
});
