import { token, type Inject } from "@infra/interfaces";
import { describe, expect, it } from "@jest/globals";

import { createContainer } from "../src/index.js";

const connection = token<{ readonly id: object }>("test.connection");

class Repository {
  static readonly inject: Inject<typeof Repository> = { connection };
  constructor(readonly deps: { readonly connection: { readonly id: object } }) {}
}
class Service {
  static readonly inject: Inject<typeof Service> = { repository: Repository };
  constructor(readonly deps: { readonly repository: Repository }) {}
}

describe("Container.getAsync", () => {
  it("makes what asynchronous factories make, once, then get works", async () => {
    const container = createContainer();
    let made = 0;
    container.bind(connection).toAsyncFactory(async () => ({ id: { n: (made += 1) } }));
    const [a, b] = await Promise.all([container.getAsync(Service), container.getAsync(connection)]);
    expect(a.deps.repository.deps.connection).toBe(b);
    expect(container.get(connection)).toBe(b);
    expect(made).toBe(1);
  });

  it.each(["inSingletonScope", "inTransientScope"] as const)(
    "makes nothing for a container that was disposed: %s",
    async (scope) => {
      const container = createContainer();
      let made = 0;
      const bound = container
        .bind(connection)
        .toAsyncFactory(async () => ({ id: { n: (made += 1) } }));
      bound[scope]();
      await container.dispose();
      await expect(container.getAsync(connection)).rejects.toMatchObject({
        code: "ERR_DI_DISPOSED",
      });
      expect(made).toBe(0);
    },
  );

  it("tries again after a failure", async () => {
    const container = createContainer();
    let attempts = 0;
    container.bind(connection).toAsyncFactory(async () => {
      attempts += 1;
      if (attempts === 1) throw new Error("refused");
      return { id: {} };
    });
    await expect(container.getAsync(Service)).rejects.toThrow("refused");
    await expect(container.getAsync(Service)).resolves.toBeInstanceOf(Service);
  });

  it("keeps one per scope, or none, as the scope says", async () => {
    const container = createContainer();
    container
      .bind(connection)
      .toAsyncFactory(async () => ({ id: {} }))
      .inScopedScope();
    const scope = container.createScope();
    expect(await scope.getAsync(connection)).toBe(scope.get(connection));
    expect(await container.createScope().getAsync(connection)).not.toBe(scope.get(connection));
    container
      .rebind(connection)
      .toAsyncFactory(async () => ({ id: {} }))
      .inTransientScope();
    expect(await container.getAsync(connection)).not.toBe(await container.getAsync(connection));
  });

  it("names asynchronous factories that wait for each other, in place of hanging", async () => {
    const container = createContainer();
    const [a, b] = [token<object>("test.a"), token<object>("test.b")];
    container.bind(a).toAsyncFactory(async (resolver) => resolver.getAsync(b));
    container.bind(b).toAsyncFactory(async (resolver) => resolver.getAsync(a));
    await expect(container.getAsync(a)).rejects.toThrow("(test.a → test.b → test.a)");
  });
});
