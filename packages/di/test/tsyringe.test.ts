import "reflect-metadata";
import { systemClock, token, tokens, type Clock } from "@infra/interfaces";
import { describe, expect, it } from "@jest/globals";
import { container as globalContainer, Lifecycle, singleton as tsyringeSingleton } from "tsyringe";

import {
  container as defaultContainer,
  createContainer,
  delay,
  inject,
  injectable,
  injectAll,
  injectWithTransform,
  scoped,
  singleton,
} from "../src/index.js";
import { findRegistration } from "../src/tsyringe-registrations.js";

class Database {
  constructor(readonly name = "real") {}
}

@injectable()
class Repository {
  constructor(readonly database: Database) {}
}

@singleton()
class Service {
  constructor(readonly repository: Repository) {}
}

@injectable()
class Everything {
  constructor(
    readonly repository: Repository,
    @inject(tokens.clock) readonly clock: Clock,
    @inject("url") readonly url: string,
    @inject("missing", { isOptional: true }) readonly missing: unknown,
    @injectAll("plugin") readonly plugins: readonly string[],
    @inject(delay(() => Later)) readonly later: { readonly late: boolean },
    @injectWithTransform(
      "url",
      class Upper {
        transform(text: string, suffix: string): string {
          return text.toUpperCase() + suffix;
        }
      },
      "!",
    )
    readonly loud: string,
  ) {}
}

class Later {
  readonly late = true;
}

describe("tsyringe's decorators", () => {
  it("wire a class, typed tokens included", () => {
    const container = createContainer();
    container.bind(tokens.clock).toConstantValue(systemClock);
    container.tsyringe.register("url", { useValue: "memory:" });
    container.tsyringe.register("plugin", { useValue: "a" });
    const made = container.get(Everything);
    expect(made.repository.database.name).toBe("real");
    expect(made.clock).toBe(systemClock);
    expect([made.url, made.missing, made.plugins, made.later.late, made.loud]).toEqual([
      "memory:",
      undefined,
      ["a"],
      true,
      "MEMORY:!",
    ]);
  });

  it("work for a subclass without a constructor, and leave default values alone", () => {
    class Special extends Repository {}
    @injectable()
    class Named {
      constructor(
        readonly database: Database,
        readonly label = "none",
      ) {}
    }
    const container = createContainer();
    expect(container.get(Special).database).toBeInstanceOf(Database);
    expect(container.get(Named).label).toBe("none");
  });

  it("name a parameter that is no class", () => {
    @injectable()
    class Wrong {
      constructor(readonly name: string) {}
    }
    expect(() => createContainer().get(Wrong)).toThrow(
      "constructor parameter 0 of Wrong is no class that can be made: it needs @inject(token)",
    );
  });

  it("keep a singleton once per container, from whichever package the decorator was imported", () => {
    @tsyringeSingleton()
    class Other {
      readonly id = {};
    }
    const [one, two] = [createContainer(), createContainer()];
    expect(one.get(Service)).toBe(one.createScope().get(Service));
    expect(one.get(Other)).toBe(one.get(Other));
    expect(one.get(Service)).not.toBe(two.get(Service));
  });

  it("scoped keeps one instance per scope", () => {
    @scoped(Lifecycle.ContainerScoped)
    class PerScope {
      readonly id = {};
    }
    const [a, b] = [defaultContainer.createScope(), defaultContainer.createScope()];
    expect(a.get(PerScope)).toBe(a.get(PerScope));
    expect(a.get(PerScope)).not.toBe(b.get(PerScope));
  });

  it("ResolutionScoped keeps one instance per get", () => {
    @scoped(Lifecycle.ResolutionScoped)
    class PerGet {
      readonly id = {};
    }
    @injectable()
    class Left {
      constructor(readonly shared: PerGet) {}
    }
    @injectable()
    class Both {
      constructor(
        readonly left: Left,
        readonly shared: PerGet,
      ) {}
    }
    const both = defaultContainer.get(Both);
    expect(both.left.shared).toBe(both.shared);
    expect(defaultContainer.get(Both).shared).not.toBe(both.shared);
  });
});

describe("Container.tsyringe", () => {
  it("is tsyringe's global container for the default one, and makes the same instances", () => {
    expect(defaultContainer.tsyringe).toBe(globalContainer);
    expect(globalContainer.resolve(Service)).toBe(defaultContainer.get(Service));
    const thing = token<object>("test.thing");
    defaultContainer
      .bind(thing)
      .toFactory(() => ({}))
      .inSingletonScope();
    expect(globalContainer.resolve(thing.id)).toBe(defaultContainer.get(thing));
  });

  it("makes registrations resolve here, also ones that come after the first get", () => {
    const container = createContainer();
    expect(container.get(Repository).database.name).toBe("real");
    container.tsyringe.register(Database, { useValue: new Database("fake") });
    expect(container.get(Repository).database.name).toBe("fake");
    const made = token<Repository>("test.made");
    container.tsyringe.register(made.id, { useFactory: (raw) => raw.resolve(Repository) });
    expect(container.get(made).database.name).toBe("fake");
  });

  it("forgets its singletons when tsyringe is told to", () => {
    const before = defaultContainer.get(Service);
    globalContainer.clearInstances();
    expect(defaultContainer.get(Service)).not.toBe(before);
    expect(defaultContainer.get(Service)).toBe(globalContainer.resolve(Service));
  });

  it("lets a child container of tsyringe find what is bound here", () => {
    const container = createContainer();
    container.bind(Database).toConstantValue(new Database("bound"));
    const child = container.tsyringe.createChildContainer();
    expect(child.resolve(Repository).database.name).toBe("bound");
  });

  it("keeps a scope's registrations in the scope", () => {
    const container = createContainer();
    const scope = container.createScope();
    scope.tsyringe.register(Database, { useValue: new Database("of the scope") });
    expect(scope.get(Repository).database.name).toBe("of the scope");
    expect(container.get(Repository).database.name).toBe("real");
  });

  it("has the inside that findRegistration reads", () => {
    const raw = globalContainer.createChildContainer();
    raw.registerSingleton(Database);
    expect(findRegistration(raw, Database)).toMatchObject({
      registration: { provider: { useClass: Database }, options: { lifecycle: 1 } },
      owner: raw,
    });
    expect(findRegistration(raw, "nothing")).toBeUndefined();
  });
});

describe("traps of tsyringe", () => {
  it("a singleton first resolved in a child does not keep that child's dependency for all", () => {
    const container = createContainer();
    const child = container.createScope();
    child.bind(Database).toConstantValue(new Database("the child's"));
    expect(child.get(Service).repository.database.name).toBe("real");
    expect(container.get(Service)).toBe(child.get(Service));
    // what is not a singleton does see the child's
    expect(child.get(Repository).database.name).toBe("the child's");
  });
});
