import {
  defineSection,
  lazy,
  optional,
  section,
  token,
  tokens,
  type Clock,
  type Config,
  type Inject,
  type Logger,
} from "@infra/interfaces";
import { describe, expect, it } from "@jest/globals";

import { createContainer, VerificationError, type Container } from "../src/index.js";

const mailConfig = defineSection("mail", {
  host: { doc: "Where to.", format: "string", default: "localhost" },
});

class Database {
  static readonly provides = token<Database>("test.database");
  static made = 0;
  constructor() {
    Database.made += 1;
  }
  async start(): Promise<void> {}
  async stop(): Promise<void> {}
}
class Users {
  static readonly inject: Inject<typeof Users> = { database: Database };
  constructor(readonly deps: { readonly database: Database }) {}
}
class Mail {
  static readonly provides = token<Mail>("test.mail");
  static readonly inject: Inject<typeof Mail> = {
    options: section(mailConfig),
    users: Users,
    logger: optional(tokens.logger),
  };
  constructor(
    readonly options: { readonly host: string },
    readonly deps: { readonly users: Users; readonly logger?: Logger },
  ) {}
  async stop(): Promise<void> {}
}
class Broken {
  static readonly inject: Inject<typeof Broken> = { clock: tokens.clock };
  constructor(readonly deps: { readonly clock: Clock }) {}
}
class Opaque {
  constructor(readonly name: string) {}
}

function problems(container: Container): readonly string[] {
  try {
    container.verify();
  } catch (error) {
    if (VerificationError.is(error)) {
      return error.details.problems.map(({ kind, message }) => `${kind}: ${message}`);
    }
    throw error;
  }
  return [];
}

describe("Container.verify", () => {
  it("finds nothing wrong with a good container, and makes no service", () => {
    const container = createContainer();
    container.bind(Database).toSelf();
    container.bind(Mail).toSelf();
    const made = Database.made;
    expect(problems(container)).toEqual([]);
    expect(Database.made).toBe(made);
  });

  it("lists everything at once", () => {
    const container = createContainer();
    const hen = token<object>("test.hen");
    class Egg {
      static readonly inject: Inject<typeof Egg> = { hen };
      constructor(readonly deps: { readonly hen: object }) {}
    }
    class Hen {
      static readonly inject: Inject<typeof Hen> = { egg: Egg };
      constructor(readonly deps: { readonly egg: Egg }) {}
    }
    const request = token<object>("test.request");
    class Keeper {
      static readonly inject: Inject<typeof Keeper> = { request };
      constructor(readonly deps: { readonly request: object }) {}
    }
    class Waiting {
      static readonly inject: Inject<typeof Waiting> = { slow: token<object>("test.slow") };
      constructor(readonly deps: { readonly slow: object }) {}
    }
    container.bind(Broken).toSelf();
    container.bind(Opaque).toSelf();
    container.bind(hen).to(Hen);
    container
      .bind(request)
      .toFactory(() => ({}))
      .inScopedScope();
    container.bind(Keeper).toSelf().inSingletonScope();
    container.bind(token<object>("test.slow")).toAsyncFactory(async () => ({}));
    container.bind(Waiting).toSelf();
    container.bind(Mail).toSelf();
    container.bind(tokens.config).toConstantValue({
      check: (sections) => sections.map(({ name }) => `${name}.host must not be empty`),
    } as Partial<Config> as Config);
    expect(problems(container)).toEqual([
      "missing: nothing is bound to clock (Broken → clock)",
      "invalid: neither a static inject nor a decorator names its parameters (Opaque)",
      "circular: needs a lazy(() => …) somewhere (test.hen → Egg → test.hen)",
      "async: await getAsync(test.slow) before this is asked for (Waiting → test.slow)",
      "captive: a singleton would keep something scoped (Keeper → test.request)",
      "configuration: mail.host must not be empty",
    ]);
    expect(() => container.verify()).toThrow("the container has 6 mistakes:\n  missing: nothing");
  });

  it("asks for the section of a named binding", () => {
    const container = createContainer();
    container.bind(Mail).toSelf().named("news");
    container.bind(tokens.config).toConstantValue({
      check: (sections) => sections.map(({ name }) => name),
    } as Partial<Config> as Config);
    expect(problems(container)).toEqual(["configuration: mailNews"]);
  });

  it("reports a configuration that can't be made", () => {
    const container = createContainer();
    container.bind(Mail).toSelf();
    container
      .bind(tokens.config)
      .toFactory(() => {
        throw new Error("PORT must be a port");
      })
      .inSingletonScope();
    expect(problems(container)).toEqual(["configuration: PORT must be a port"]);
  });

  // that it takes under 50 ms is measured by the benchmark `di`
  it("reads each of 200 bindings once, however often others need it", () => {
    const container = createContainer();
    let reads = 0;
    let below: typeof Database = Database;
    for (let n = 0; n < 200; n += 1) {
      const [a, b] = [below, Database];
      class Node {
        static readonly inject = { a, b, counted: lazy(() => ((reads += 1), Database)) };
        constructor(readonly deps: object) {}
      }
      container.bind(Node).toSelf().inSingletonScope();
      below = Node as unknown as typeof Database;
    }
    container.verify();
    expect(reads).toBe(200);
  });
});

describe("Container.graph", () => {
  it("shows what needs what, as JSON, Mermaid and DOT", () => {
    const container = createContainer();
    container.bind(Mail).toSelf();
    container.bind(tokens.logger).toConstantValue({} as Logger);
    const graph = container.graph();
    expect(JSON.parse(JSON.stringify(graph))).toEqual({
      nodes: [
        { name: "Mail", kind: "class", scope: "singleton" },
        { name: "Users", kind: "class", scope: "transient" },
        { name: "Database", kind: "class", scope: "singleton" },
        { name: "logger", kind: "value", scope: "singleton" },
      ],
      edges: [
        { from: "Users", to: "Database", kind: "direct" },
        { from: "Mail", to: "Users", kind: "direct" },
        { from: "Mail", to: "logger", kind: "optional" },
      ],
    });
    expect(graph.toMermaid().split("\n")).toEqual([
      "flowchart LR",
      '  n0["Mail"]',
      '  n1(["Users (transient)"])',
      '  n2["Database"]',
      '  n3["logger"]',
      "  n1 --> n2",
      "  n0 --> n1",
      "  n0 -. optional .-> n3",
    ]);
    expect(graph.toDot()).toContain('  "Mail" -> "logger" [style=dashed, label=optional];');
  });
});

describe("Container.managed", () => {
  it("makes every managed singleton, dependencies first, and says what needs what", () => {
    const container = createContainer();
    container.bind(Mail).toSelf();
    container.bind(Database).toSelf();
    container.bind(tokens.clock).toConstantValue({ stop() {} } as unknown as Clock);
    expect(container.created()).toEqual([]);
    const managed = container.managed();
    expect(managed.map(({ name, dependencies }) => ({ name, dependencies }))).toEqual([
      { name: "test.database", dependencies: [] },
      // through Users, which has no life itself
      { name: "test.mail", dependencies: ["test.database"] },
    ]);
    expect(managed[0]!.service).toBe(container.get(Database));
    expect(container.created()).toEqual(managed);
  });

  it("gives something that can only be disposed a stop, once", async () => {
    const container = createContainer();
    let ended = 0;
    container
      .bind(token("test.pool"))
      .toFactory(() => ({}))
      .inSingletonScope()
      .onDispose(() => (ended += 1));
    const [pool] = container.managed();
    expect(pool!.name).toBe("test.pool");
    await pool!.service.stop!();
    await container.dispose();
    expect(ended).toBe(1);
  });
});
