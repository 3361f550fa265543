import type { Managed, ManagedService, ServiceContainer, Token } from "@infra/interfaces";
import { optional, tokens } from "@infra/interfaces";
import { ManualClock } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { ApplicationLifecycle, StartupError, type LifecycleOptions } from "../src/index.js";

const log: string[] = [];
const logged = (): string[] => log.splice(0);

function create(options: LifecycleOptions = {}, clock = new ManualClock(0)): ApplicationLifecycle {
  return new ApplicationLifecycle({ print: () => {}, exit: false, ...options }, { clock });
}

/** A hook that takes some time of the clock. */
function taking(clock: ManualClock, name: string, ms: number) {
  return async (): Promise<void> => {
    log.push(`${name} begins`);
    await new Promise<void>((resolve) => {
      clock.setTimeout(resolve, ms);
    });
    log.push(`${name} ends`);
  };
}

function service(name: string, more: Managed = {}): Managed {
  return {
    async start() {
      log.push(`${name} starts`);
    },
    async stop() {
      log.push(`${name} stops`);
    },
    ...more,
  };
}

class FakeContainer implements ServiceContainer {
  readonly provided = new Map<Token<unknown>, unknown>();
  verified = 0;
  constructor(
    readonly services: readonly ManagedService[] = [],
    readonly mistake?: Error,
  ) {}
  provide<T>(token: Token<T>, value: T): void {
    this.provided.set(token, value);
  }
  created(): readonly ManagedService[] {
    return this.services;
  }
  managed(): readonly ManagedService[] {
    return this.services;
  }
  verify(): void {
    this.verified += 1;
    if (this.mistake) throw this.mistake;
  }
}

async function failure(startup: Promise<void>): Promise<Error> {
  return startup.then(
    () => {
      throw new Error("it started");
    },
    (error: Error) => error,
  );
}

describe("ApplicationLifecycle.startup", () => {
  it("runs hooks in order, those of a level at once", async () => {
    const clock = new ManualClock(0);
    const lifecycle = create({}, clock);
    lifecycle
      .registerStartupHook("server", taking(clock, "server", 1), ["database", "cache"])
      .registerStartupHook("database", taking(clock, "database", 100))
      .registerStartupHook("cache", taking(clock, "cache", 50), []);
    expect(lifecycle.state).toBe("idle");
    const startup = lifecycle.startup();
    expect(lifecycle.state).toBe("starting");
    await clock.advance(200);
    await startup;
    expect(lifecycle.state).toBe("ready");
    expect(logged()).toEqual([
      "database begins",
      "cache begins",
      "cache ends",
      "database ends",
      "server begins",
      "server ends",
    ]);
    expect(lifecycle.startReport).toMatchObject({
      phase: "start",
      ok: true,
      totalMs: 101,
      steps: [
        { name: "database", startMs: 0, durationMs: 100, outcome: "done" },
        { name: "cache", startMs: 0, durationMs: 50 },
        { name: "server", startMs: 100, durationMs: 1 },
      ],
    });
    await lifecycle.shutdown();
    expect(clock.pending).toBe(0);
  });

  it("is one start however often it is called, and none after a shutdown", async () => {
    const lifecycle = create();
    let runs = 0;
    lifecycle.registerStartupHook("once", () => void (runs += 1));
    await Promise.all([lifecycle.startup(), lifecycle.startup()]);
    expect(runs).toBe(1);
    const stopped = create();
    await stopped.shutdown();
    await expect(stopped.startup()).rejects.toThrow("startup: the lifecycle is stopped already");
  });

  it.each<[string, (lifecycle: ApplicationLifecycle) => unknown, string]>([
    [
      "an unknown name",
      (lifecycle) => lifecycle.registerStartupHook("a", () => {}, ["databse"]),
      'a waits for "databse", which nobody registered; there is a',
    ],
    [
      "a circle",
      (lifecycle) =>
        lifecycle
          .registerStartupHook("a", () => {}, ["b"])
          .registerStartupHook("b", () => {}, ["a"]),
      "hooks wait for each other: a → b → a",
    ],
    [
      "a hook with the name of a service",
      (lifecycle) => lifecycle.manage({}, { name: "a" }).registerStartupHook("a", () => {}),
      "a startup hook and a managed service are both called a",
    ],
  ])("refuses %s", async (_what, register, message) => {
    const lifecycle = create();
    register(lifecycle);
    const error = await failure(lifecycle.startup());
    expect(StartupError.is(error)).toBe(true);
    expect(error.message).toContain(message);
    expect(lifecycle.state).toBe("failed");
  });

  it("stops what had started, in reverse, and reports both errors, when one fails", async () => {
    const lifecycle = create();
    const noStart = new Error("no port");
    lifecycle
      .manage(service("database"), { name: "database" })
      .manage(
        service("cache", {
          async stop() {
            log.push("cache stops");
            throw new Error("stuck");
          },
        }),
        { name: "cache", after: ["database"] },
      )
      .registerStartupHook("server", () => Promise.reject(noStart), ["cache"])
      .registerStartupHook("never", () => void log.push("never"), ["server"])
      .registerShutdownHook("server", () => void log.push("server hook"))
      .registerShutdownHook("never", () => void log.push("never hook"));
    const error = await failure(lifecycle.startup());
    expect(error.message).toBe("the application did not start: no port");
    expect((error.cause as AggregateError).errors.map((one: Error) => one.message)).toEqual([
      "no port",
      "stuck",
    ]);
    expect(logged()).toEqual([
      "database starts",
      "cache starts",
      "server hook",
      "cache stops",
      "database stops",
    ]);
    expect(lifecycle.startReport!.steps.map(({ name, outcome }) => [name, outcome])).toEqual([
      ["database", "done"],
      ["cache", "done"],
      ["server", "failed"],
      ["never", "skipped"],
    ]);
    expect((await lifecycle.probe("live")).status).toBe("down");
  });

  it("names the one that failed, and not those that were called off with it", async () => {
    const lifecycle = create();
    const refused = new Error("refused");
    lifecycle
      .registerStartupHook("database", () => Promise.reject(refused))
      .registerStartupHook("cache", () => new Promise(() => {}))
      .registerStartupHook("queue", () => new Promise(() => {}));
    const error = await failure(lifecycle.startup());
    expect(error).toMatchObject({ cause: refused, details: { failed: ["database"] } });
    expect(lifecycle.startReport!.steps).toMatchObject([
      { name: "database", outcome: "failed", error: "refused" },
      { name: "cache", outcome: "overran", error: "called off: refused" },
      { name: "queue", outcome: "overran", error: "called off: refused" },
    ]);
  });

  it("gives a hook a time limit, and aborts its signal", async () => {
    const clock = new ManualClock(0);
    const lifecycle = create({ hookTimeout: "5s" }, clock);
    let aborted: unknown;
    lifecycle.registerStartupHook("slow", ({ signal }) => {
      signal!.addEventListener("abort", () => (aborted = signal!.reason));
      return new Promise(() => {});
    });
    const failed = failure(lifecycle.startup());
    await clock.advance(5000);
    const error = await failed;
    expect(error.cause).toMatchObject({ code: "ERR_LIFECYCLE_TIMEOUT" });
    expect(error.message).toContain("slow did not start within 5000 ms");
    expect(aborted).toBe(error.cause);
  });

  it("repeats a hook with growing pauses, and goes on without one that is not critical", async () => {
    const clock = new ManualClock(0);
    const lifecycle = create({}, clock);
    const attempts: number[] = [];
    lifecycle
      .registerStartupHook(
        "search",
        () => {
          attempts.push(clock.now());
          throw new Error("unreachable");
        },
        [],
        { critical: false, retries: 2, backoff: "100ms" },
      )
      .registerStartupHook("server", () => {}, ["search"]);
    const startup = lifecycle.startup();
    await clock.advance(1000);
    await startup;
    expect(attempts).toEqual([0, 100, 300]);
    expect(await lifecycle.probe("ready")).toMatchObject({
      status: "degraded",
      checks: { search: { status: "down", message: "did not start: unreachable" } },
    });
  });

  it("lets a hook come before a service, and starts the server last", async () => {
    const container = new FakeContainer([
      { name: tokens.server.name, service: service("server"), dependencies: [] },
      { name: "database", service: service("database"), dependencies: [] },
    ]);
    const lifecycle = create();
    lifecycle
      .manage(container)
      .registerStartupHook("secrets", () => void log.push("secrets"), [], { before: ["database"] })
      .registerStartupHook("migrate", () => void log.push("migrate"), ["database"])
      .registerStartupHook("announce", () => void log.push("announce"), ["server"]);
    await lifecycle.startup();
    expect(logged()).toEqual([
      "secrets",
      "database starts",
      "migrate",
      "server starts",
      "announce",
    ]);
    await lifecycle.shutdown();
    expect(logged()).toEqual(["server stops", "database stops"]);
  });

  it.each(["managed", "watched"])(
    "stops what needs the server before it, and the rest after it: %s",
    async (how) => {
      const nodes = [
        { name: "database", service: service("database"), dependencies: [] },
        { name: tokens.server.name, service: service("server"), dependencies: ["database"] },
        { name: "pubsub", service: service("pubsub"), dependencies: [] },
        {
          name: "gateway",
          service: service("gateway"),
          dependencies: ["pubsub", tokens.server.name],
        },
        { name: "board", service: service("board"), dependencies: ["gateway"] },
        { name: "cache", service: service("cache"), dependencies: [] },
      ];
      const container = new FakeContainer(nodes);
      const lifecycle = new ApplicationLifecycle(
        { print: () => {}, exit: false },
        { clock: new ManualClock(), container },
      );
      if (how === "managed") lifecycle.manage(container);
      await lifecycle.startup();
      logged();
      await lifecycle.shutdown();
      const stops = logged();
      const at = (name: string): number => stops.indexOf(`${name} stops`);
      expect(stops).toHaveLength(6);
      expect(stops.slice(0, 3)).toEqual(["board stops", "gateway stops", "server stops"]);
      expect(at("pubsub")).toBeGreaterThan(at("gateway"));
    },
  );

  it("asks for the container that makes it", () => {
    expect(ApplicationLifecycle.inject.container).toEqual(optional(tokens.container));
  });

  it("verifies the container before anything starts", async () => {
    const container = new FakeContainer([], new Error("the container has 2 mistakes"));
    const lifecycle = new ApplicationLifecycle({ print: () => {}, exit: false }, { container });
    lifecycle.registerStartupHook("a", () => void log.push("a"));
    expect(container.provided.get(tokens.lifecycle)).toBe(lifecycle);
    expect((await failure(lifecycle.startup())).message).toContain("the container has 2 mistakes");
    expect(logged()).toEqual([]);
  });

  it("is called off by a shutdown", async () => {
    const clock = new ManualClock(0);
    const lifecycle = create({}, clock);
    let reason: unknown;
    lifecycle.registerStartupHook("slow", ({ signal }) => {
      signal!.addEventListener("abort", () => (reason = (signal!.reason as Error).message));
      return new Promise(() => {});
    });
    const failed = failure(lifecycle.startup());
    await lifecycle.shutdown("changed my mind");
    expect((await failed).message).toContain("the start was called off: changed my mind");
    expect(reason).toBe("the start was called off: changed my mind");
  });

  it("is undone by a shutdown that comes just as it ends", async () => {
    for (let turns = 0; turns < 20; turns += 1) {
      const lifecycle = create().manage(service("database"), { name: "database" });
      const late = async (): Promise<void> => {
        for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
        await lifecycle.shutdown();
      };
      lifecycle.registerStartupHook("last", () => void late(), ["database"]);
      await lifecycle.startup().catch(() => {});
      await lifecycle.shutdown();
      expect(logged()).toEqual(["database starts", "database stops"]);
    }
  });

  it.each<[string, () => unknown, string]>([
    [
      "a name",
      () => create().registerStartupHook("", () => {}),
      "name must be a non-empty string, got ''",
    ],
    [
      "a function",
      () => create().registerStartupHook("a", 1 as never),
      "fn of a must be a function, got 1",
    ],
    [
      "deps",
      () => create().registerStartupHook("a", () => {}, "b" as never),
      "deps of a must be names, got 'b'",
    ],
    [
      "retries",
      () => create().registerStartupHook("a", () => {}, [], { retries: -1 }),
      "retries of a must be a whole number from 0, got -1",
    ],
    [
      "a second of a name",
      () =>
        create()
          .registerStartupHook("a", () => {})
          .registerStartupHook("a", () => {}),
      "a is registered already",
    ],
    [
      "an option",
      () => create({ shutdownTimeout: "soon" as never }),
      "ApplicationLifecycle: shutdownTimeout must be milliseconds or a string such as",
    ],
    [
      "something to manage",
      () => create().manage(undefined as never),
      "manage: target must be a service or a container, got undefined",
    ],
  ])("refuses %s that is wrong", (_what, act, message) => {
    expect(act).toThrow(message);
  });
});
