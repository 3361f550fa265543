import {
  defineSection,
  lazy,
  optional,
  section,
  systemClock,
  token,
  tokens,
  type Clock,
  type Config,
  type Inject,
  type Token,
} from "@infra/interfaces";
import { importCopy } from "@infra/jest-preset/copy";
import { describe, expect, it, jest } from "@jest/globals";
import { expectTypeOf } from "expect-type";

import {
  container as defaultContainer,
  createContainer,
  type ContainerModule,
} from "../src/index.js";

const storeConfig = defineSection("store", {
  url: { doc: "Where.", format: "string", default: "memory:", env: "STORE_URL" },
  size: { doc: "How many.", format: "integer", default: 10 },
});

interface StoreOptions {
  readonly url?: string;
  readonly size?: number;
  readonly onFull?: () => void;
}

const storeToken = token<Store>("test.store");

class Store {
  static readonly provides: Token<Store> = storeToken;
  static readonly inject: Inject<typeof Store> = {
    options: section(storeConfig),
    clock: optional(tokens.clock),
  };
  constructor(
    readonly options: StoreOptions = {},
    readonly deps: { readonly clock?: Clock } = {},
  ) {}
}

class MockStore extends Store {
  readonly mock = true;
}

class Users {
  static readonly inject: Inject<typeof Users> = { store: Store };
  constructor(readonly deps: { readonly store: Store }) {}
}

class Plain {
  readonly made = true;
}

describe("Container.get", () => {
  it("constructs what needs nothing, and wires a class that has no binding", () => {
    const container = createContainer();
    expect(container.get(Plain).made).toBe(true);
    expect(container.get(Users).deps.store).toBeInstanceOf(Store);
    container.bind(Store).toSelf();
    expectTypeOf(container.get(storeToken)).toEqualTypeOf<Store>();
  });

  it("keeps one instance of a class with provides, and makes any other anew", () => {
    const container = createContainer();
    expect(container.get(Store)).toBe(container.get(Store));
    expect(container.get(Users)).not.toBe(container.get(Users));
  });

  it("leaves out an optional collaborator that nothing is bound to", () => {
    const container = createContainer();
    expect(container.get(Store).deps).toEqual({});
    container.bind(tokens.clock).toConstantValue(systemClock);
    container.rebind(Store).toSelf();
    expect(container.get(Store).deps).toEqual({ clock: systemClock });
  });

  it("gives a lazy collaborator as a function, so that two classes can need each other", () => {
    class Hen {
      static readonly provides = token<Hen>("test.hen");
      static readonly inject: Inject<typeof Hen> = { egg: lazy(() => Egg) };
      constructor(readonly deps: { readonly egg: () => Egg }) {}
    }
    class Egg {
      static readonly inject: Inject<typeof Egg> = { hen: Hen };
      constructor(readonly deps: { readonly hen: Hen }) {}
    }
    const hen = createContainer().get(Hen);
    expect(hen.deps.egg().deps.hen).toBe(hen);
  });

  it("gives (options, deps) to a class that has options, (deps) to one that has none", () => {
    const { options, deps } = createContainer().get(Store);
    expect({ options, deps }).toEqual({ options: { url: "memory:", size: 10 }, deps: {} });
  });

  it("takes options from the bound configuration, and lays withOptions over them", () => {
    const container = createContainer();
    const values = { url: "file:", size: 20 };
    const config = { section: () => values, check: () => [] } as unknown as Config;
    container.bind(tokens.config).toConstantValue(config);
    expect(container.get(Store).options).toBe(values);
    const onFull = jest.fn();
    container.rebind(Store).toSelf().withOptions({ onFull, size: 30 });
    expect(container.get(Store).options).toEqual({ url: "file:", size: 30, onFull });
    // @ts-expect-error no such option
    container.rebind(Store).toSelf().withOptions({ colour: "red" });
  });

  it("names a class whose parameters nobody names", () => {
    class Opaque {
      constructor(readonly store: Store) {}
    }
    expect(() => createContainer().get(Opaque)).toThrow(
      "Opaque has 1 constructor parameter, and neither a static inject nor a decorator names them (Opaque)",
    );
  });

  it("says what to do about an import that is undefined", () => {
    class Early {
      static readonly inject = { later: undefined as unknown as typeof Store };
      constructor(readonly deps: object) {}
    }
    expect(() => createContainer().get(Early)).toThrow(
      "Early.inject.later must be a token or a class, got undefined: modules that import each other need lazy(() => …)",
    );
  });
});

describe("Container.bind", () => {
  it("binds a class to itself and to the token that it provides", () => {
    const container = createContainer();
    container.bind(Store).toSelf();
    expect(container.get(storeToken)).toBe(container.get(Store));
    expect(container.isBound(storeToken)).toBe(true);
  });

  it("binds to a class, a value, a factory or an alias", () => {
    const container = createContainer();
    const name = token<string>("test.name");
    const greeting = token<string>("test.greeting");
    const greeting2 = token<string>("test.greeting2");
    container.bind(storeToken).to(MockStore);
    container.bind(name).toConstantValue("Ada");
    container.bind(greeting).toFactory((resolver) => `Hello ${resolver.get(name)}`);
    container.bind(greeting2).toAlias(greeting);
    expect(container.get(storeToken)).toBeInstanceOf(MockStore);
    expect(container.get(greeting2)).toBe("Hello Ada");
    // @ts-expect-error a number is no string
    container.bind(name).toConstantValue(1);
    // @ts-expect-error a Plain is no Store
    container.bind(storeToken).to(Plain);
  });

  it("keeps instances as the scope says", () => {
    const container = createContainer();
    const counter = token<object>("test.counter");
    container.bind(counter).toFactory(() => ({}));
    expect(container.get(counter)).not.toBe(container.get(counter));
    container
      .rebind(counter)
      .toFactory(() => ({}))
      .inSingletonScope();
    expect(container.get(counter)).toBe(container.get(counter));
    container.bind(Store).toSelf().inTransientScope();
    expect(container.get(Store)).not.toBe(container.get(Store));
  });

  it("keeps undefined as an instance like any other", () => {
    const container = createContainer();
    const nothing = token<undefined>("test.nothing");
    let made = 0;
    container
      .bind(nothing)
      .toFactory(() => void (made += 1))
      .inSingletonScope();
    container.get(nothing);
    container.get(nothing);
    expect(made).toBe(1);
  });

  it("gives the newest of several to get, and all to getAll", () => {
    const container = createContainer();
    const plugin = token<string>("test.plugin");
    expect(container.getAll(plugin)).toEqual([]);
    container.bind(plugin).toConstantValue("a");
    container.bind(plugin).toConstantValue("b");
    expect(container.get(plugin)).toBe("b");
    expect(container.getAll(plugin)).toEqual(["a", "b"]);
  });

  it("named makes a second instance, with a section of its own", () => {
    const container = createContainer();
    const asked: unknown[] = [];
    const config = {
      section: ({ name, settings }: typeof storeConfig) => {
        asked.push(name, settings.url.env);
        return { url: `${name}:`, size: 1 };
      },
    } as unknown as Config;
    container.bind(tokens.config).toConstantValue(config);
    container.bind(Store).toSelf();
    container.bind(Store).toSelf().named("reporting");
    const reporting = container.get(Store, { name: "reporting" });
    expect(reporting.options.url).toBe("storeReporting:");
    expect(container.get(Store).options.url).toBe("store:");
    expect(container.get(token<Store>("test.store.reporting"))).toBe(reporting);
    expect(asked).toEqual(["storeReporting", "REPORTING_STORE_URL", "store", "STORE_URL"]);
  });

  it("whenInjectedInto gives one class something else", () => {
    const container = createContainer();
    const special = new MockStore();
    container.bind(Store).toSelf();
    container.bind(Store).toConstantValue(special).whenInjectedInto(Users);
    expect(container.get(Users).deps.store).toBe(special);
    expect(container.get(Store)).not.toBe(special);
  });

  it.each([
    [
      "toSelf of a token",
      () => createContainer().bind(storeToken).toSelf(),
      "test.store is a token",
    ],
    [
      "no class",
      () => createContainer().bind("store" as never),
      "bind: what must be a token or a class, got 'store'",
    ],
    [
      "no function",
      () =>
        createContainer()
          .bind(storeToken)
          .toFactory(1 as never),
      "toFactory: make must be a function, got 1",
    ],
    [
      "options of a value",
      () =>
        createContainer()
          .bind(storeToken)
          .toConstantValue(new Store())
          .withOptions({} as never),
      "withOptions: test.store is not bound to a class",
    ],
  ])("refuses %s", (_what, act, message) => {
    expect(act).toThrow(message);
  });
});

describe("Container.rebind", () => {
  it("replaces a class and the token that it provides, also when nothing was bound", () => {
    const container = createContainer();
    const mock = new MockStore();
    container.rebind(Store).toConstantValue(mock);
    expect(container.get(Store)).toBe(mock);
    expect(container.get(storeToken)).toBe(mock);
    expect(container.getAll(storeToken)).toEqual([mock]);
  });

  it("drops cached singletons that depended on it, directly, through others, or through a factory", () => {
    const container = createContainer();
    const made = token<{ store: Store }>("test.made");
    class Outer {
      static readonly inject: Inject<typeof Outer> = { users: Users };
      constructor(readonly deps: { readonly users: Users }) {}
    }
    container.bind(Outer).toSelf().inSingletonScope();
    container.bind(Plain).toSelf().inSingletonScope();
    container
      .bind(made)
      .toFactory((resolver) => ({ store: resolver.get(Store) }))
      .inSingletonScope();
    const before = [container.get(Outer), container.get(made), container.get(Plain)];
    const mock = new MockStore();
    container.rebind(Store).toConstantValue(mock);
    expect(container.get(Outer).deps.users.deps.store).toBe(mock);
    expect(container.get(made).store).toBe(mock);
    expect(container.get(Plain)).toBe(before[2]);
  });

  it("drops what took its options from a configuration that is replaced", () => {
    const container = createContainer();
    expect(container.get(Store).options.size).toBe(10);
    const config = { section: () => ({ size: 1 }) } as unknown as Config;
    container.rebind(tokens.config).toConstantValue(config);
    expect(container.get(Store).options.size).toBe(1);
  });

  it("changes nothing before it is said to what", () => {
    const container = createContainer();
    container.bind(storeToken).toConstantValue(new MockStore());
    container.rebind(storeToken);
    expect(container.isBound(storeToken)).toBe(true);
  });
});

describe("Container.provide", () => {
  class Server {
    static readonly inject: Inject<typeof Server> = { store: optional(storeToken) };
    constructor(readonly deps: { readonly store?: Store | undefined }) {}
  }

  it("binds a value in place of what was bound", () => {
    const container = createContainer();
    container.bind(Server).toSelf().inSingletonScope();
    const [first, second] = [new MockStore(), new MockStore()];
    container.provide(storeToken, first);
    expect(container.get(Server).deps.store).toBe(first);
    container.provide(storeToken, second);
    expect(container.get(Server).deps.store).toBe(second);
  });

  it("refuses a value that comes after what asks for it was made without it", () => {
    const container = createContainer();
    container.bind(Server).toSelf().inSingletonScope();
    const server = container.get(Server);
    expect(() => container.provide(storeToken, new MockStore())).toThrow(
      /comes too late: Server asked for it/,
    );
    expect(container.get(Server)).toBe(server);
  });
});

describe("Container.unbind", () => {
  it("takes a class and its token away", () => {
    const container = createContainer();
    container.bind(Store).toSelf();
    container.unbind(Store);
    expect(container.isBound(Store)).toBe(false);
    expect(() => container.get(storeToken)).toThrow("nothing is bound to test.store");
  });
});

describe("Container.load and snapshots", () => {
  it("loads a module once", () => {
    const container = createContainer();
    let loaded = 0;
    const module: ContainerModule = (into) => {
      loaded += 1;
      into.bind(Store).to(MockStore);
    };
    container.load(module, module).load(module);
    expect(loaded).toBe(1);
    expect(container.get(Store)).toBeInstanceOf(MockStore);
  });

  it("goes back to the bindings and instances of a snapshot", () => {
    const container = createContainer();
    container.bind(Store).toSelf();
    const store = container.get(Store);
    const snapshot = container.snapshot();
    container.rebind(Store).toConstantValue(new MockStore());
    container.bind(tokens.clock).toConstantValue(systemClock);
    container.restore(snapshot);
    expect(container.get(Store)).toBe(store);
    expect(container.isBound(tokens.clock)).toBe(false);
    expect(() => createContainer().restore(snapshot)).toThrow("snapshot is of another container");
  });
});

describe("container", () => {
  it("announces itself, and is the same for a second copy of the package", async () => {
    const announced = (globalThis as Record<symbol, unknown>)[Symbol.for("infra.container")];
    expect(announced).toBe(defaultContainer);
    const copy = await importCopy<{ container: unknown }>(new URL("..", import.meta.url));
    expect(copy.container).toBe(defaultContainer);
  });

  it("is apart from created containers", () => {
    defaultContainer.bind(tokens.clock).toConstantValue(systemClock);
    expect(createContainer().isBound(tokens.clock)).toBe(false);
    defaultContainer.unbind(tokens.clock);
  });
});
