import {
  silentLogger,
  tokens,
  type Managed,
  type ManagedService,
  type ServiceContainer,
} from "@infra/interfaces";
import { ManualClock } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { ApplicationLifecycle, formatReport, type LifecycleOptions } from "../src/index.js";

const log: string[] = [];
const logged = (): string[] => log.splice(0);

function create(
  options: LifecycleOptions = {},
  deps: { clock?: ManualClock; container?: ServiceContainer } = {},
): ApplicationLifecycle {
  return new ApplicationLifecycle(
    { print: () => {}, exit: false, ...options },
    { clock: new ManualClock(0), ...deps },
  );
}

function broken(): never {
  throw new Error("no terminal");
}

function stopping(name: string, stop: Managed["stop"] = async () => {}): Managed {
  return {
    async stop(context) {
      log.push(`${name} stops`);
      await stop(context);
    },
  };
}

function containerOf(...services: readonly [string, Managed][]): ServiceContainer {
  const created: readonly ManagedService[] = services.map(([name, service]) => ({
    name,
    service,
    dependencies: [],
  }));
  return { provide() {}, created: () => created, managed: () => created, verify() {} };
}

async function listens({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<void> {
  signal?.addEventListener("abort", () => {});
}

describe("ApplicationLifecycle.shutdown", () => {
  it("runs shutdown hooks in order, then stops what the container created, in reverse", async () => {
    const container = containerOf(
      ["database", stopping("database")],
      ["cache", stopping("cache")],
      ["server", stopping("server")],
    );
    const lifecycle = create({}, { container });
    lifecycle
      .registerShutdownHook("second", () => void log.push("second"), ["first"])
      .registerShutdownHook("first", () => void log.push("first"));
    await lifecycle.startup();
    await Promise.all([lifecycle.shutdown(), lifecycle.shutdown()]);
    expect(logged()).toEqual(["first", "second", "server stops", "cache stops", "database stops"]);
    expect(lifecycle.state).toBe("stopped");
  });

  // trap: Node.js takes an eleventh listener of a signal for a leak
  it("starting and stopping many services at once warns of nothing", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on("warning", note);
    try {
      const lifecycle = create();
      for (let n = 0; n < 20; n += 1) {
        lifecycle.manage({ start: listens, stop: listens }, { name: `service ${n}` });
      }
      await lifecycle.startup();
      await lifecycle.shutdown();
      await new Promise((resolve) => setImmediate(resolve));
      expect(warnings).toEqual([]);
    } finally {
      process.off("warning", note);
    }
  });

  it("goes on when a hook or a service throws, and reports it", async () => {
    const container = containerOf(
      ["database", stopping("database")],
      ["cache", stopping("cache", () => Promise.reject(new Error("stuck")))],
    );
    const lifecycle = create({}, { container });
    lifecycle
      .registerShutdownHook("bad", () => {
        throw new Error("at once");
      })
      .registerShutdownHook("good", () => void log.push("good"));
    await lifecycle.startup();
    await lifecycle.shutdown();
    expect(logged()).toEqual(["good", "cache stops", "database stops"]);
    expect(lifecycle.stopReport).toMatchObject({
      ok: false,
      steps: [
        { name: "bad", outcome: "failed", error: "at once" },
        { name: "good", outcome: "done" },
        { name: "cache", outcome: "failed", error: "stuck" },
        { name: "database", outcome: "done" },
      ],
    });
  });

  it("ends within its budget: tells what hangs to let go, leaves time for the others, names what overran", async () => {
    const clock = new ManualClock(0);
    let told = -1;
    const container = containerOf(
      ["database", stopping("database")],
      [
        "hung",
        stopping("hung", (context) => {
          context!.signal!.addEventListener("abort", () => (told = clock.now()));
          return new Promise(() => {});
        }),
      ],
      [
        "polite",
        stopping(
          "polite",
          ({ signal } = {}) =>
            new Promise((resolve) => {
              signal!.addEventListener("abort", () => resolve());
            }),
        ),
      ],
    );
    const printed: string[] = [];
    const lifecycle = create(
      { shutdownTimeout: "10s", print: (text) => printed.push(text) },
      { clock, container },
    );
    await lifecycle.startup();
    const shutdown = lifecycle.shutdown();
    await clock.advance(10_000);
    await shutdown;
    expect(told).toBe(-1);
    expect(logged()).toEqual(["polite stops", "hung stops", "database stops"]);
    const { steps, totalMs, ok } = lifecycle.stopReport!;
    expect(ok).toBe(false);
    expect(totalMs).toBeLessThanOrEqual(10_000);
    expect(steps.map(({ name, outcome }) => [name, outcome])).toEqual([
      ["polite", "done"],
      ["hung", "overran"],
      ["database", "done"],
    ]);
    expect(printed.at(-1)).toMatch(/hung .* OVERRAN; not over within the 10000 ms of the shutdown/);
    expect(clock.pending).toBe(0);
  });

  it("gives hooks and work their part, so that the services have the rest", async () => {
    const clock = new ManualClock(0);
    let urgent: boolean | undefined;
    const database: Managed = {
      stop: ({ signal } = {}) => {
        urgent = signal?.aborted;
        return new Promise((resolve) => void clock.setTimeout(resolve, 5000));
      },
    };
    const container = containerOf(["database", database]);
    const lifecycle = create({ shutdownTimeout: "10s", drainTimeout: "2s" }, { clock, container });
    const told: number[] = [];
    const hangs = ({ signal }: { readonly signal?: AbortSignal | undefined }): Promise<void> => {
      signal!.addEventListener("abort", () => told.push(clock.now()));
      return new Promise(() => {});
    };
    lifecycle.registerShutdownHook("hung", hangs).registerShutdownHook("quick", () => {});
    await lifecycle.startup();
    void lifecycle.waitFor(new Promise(() => {}), "import");
    const shutdown = lifecycle.shutdown();
    await clock.advance(10_000);
    await shutdown;
    expect([told, urgent]).toEqual([[1600], false]);
    const limit = "not over within the 2000 ms of the drain";
    expect(lifecycle.stopReport).toMatchObject({
      ok: false,
      totalMs: 7000,
      steps: [
        { name: "hung", outcome: "overran", error: limit, durationMs: 1800 },
        { name: "quick", outcome: "done", durationMs: 0 },
        { name: "import", outcome: "overran", error: limit, durationMs: 200 },
        { name: "database", outcome: "done", durationMs: 5000 },
      ],
    });
    expect(clock.pending).toBe(0);
  });

  it("never lasts longer for a part that is given more than there is", async () => {
    const clock = new ManualClock(0);
    const lifecycle = create({ shutdownTimeout: "1s", drainTimeout: "1h" }, { clock });
    lifecycle.registerShutdownHook("hung", () => new Promise(() => {}), [], { timeout: "2h" });
    await lifecycle.startup();
    const shutdown = lifecycle.shutdown();
    await clock.advance(1000);
    await shutdown;
    expect(lifecycle.stopReport!.steps).toMatchObject([
      { durationMs: 1000, error: "not over within the 1000 ms of the shutdown" },
    ]);
    expect(clock.pending).toBe(0);
  });

  it("gives a hook a time limit of its own, and aborts its signal before", async () => {
    const clock = new ManualClock(0);
    const lifecycle = create({}, { clock });
    let told = -1;
    lifecycle
      .registerShutdownHook(
        "flush",
        ({ signal }) => {
          signal!.addEventListener("abort", () => (told = clock.now()));
          return new Promise(() => {});
        },
        [],
        { timeout: "1s" },
      )
      .registerShutdownHook("after", () => void log.push(`after at ${clock.now()}`), ["flush"]);
    await lifecycle.startup();
    const shutdown = lifecycle.shutdown();
    await clock.advance(1000);
    await shutdown;
    expect(told).toBe(800);
    expect(logged()).toEqual(["after at 1000"]);
    expect(lifecycle.stopReport!.steps[0]).toMatchObject({
      outcome: "overran",
      error: "not over within the 1000 ms of the hook",
    });
    expect(clock.pending).toBe(0);
  });

  it("prints the report and then stops the logger, last of all", async () => {
    const printed: string[] = [];
    const container = containerOf(
      ["logger", stopping("logger")],
      ["database", stopping("database")],
    );
    const lifecycle = new ApplicationLifecycle(
      { exit: false, print: () => void log.push("report") },
      {
        container,
        logger: {
          ...silentLogger,
          child: () => ({ ...silentLogger, info: (text) => void log.push(text) }),
        },
      },
    );
    await lifecycle.startup();
    logged();
    await lifecycle.shutdown();
    expect(logged()).toEqual(["database stops", "report", "stopped", "logger stops"]);
    expect(printed).toEqual([]);
  });

  it("stops everything though nobody can be shown the report", async () => {
    const logger = stopping(tokens.logger.name);
    const container = containerOf([tokens.logger.name, logger], ["database", stopping("database")]);
    const lifecycle = create({ print: broken }, { container });
    await lifecycle.startup();
    await lifecycle.shutdown();
    expect(logged()).toEqual(["database stops", "logger stops"]);
    expect(lifecycle.stopReport?.ok).toBe(true);
  });

  it("waits for work before it stops the services", async () => {
    const clock = new ManualClock(0);
    const lifecycle = create(
      {},
      { clock, container: containerOf(["database", stopping("database")]) },
    );
    await lifecycle.startup();
    const work = new Promise<string>((resolve) => {
      clock.setTimeout(() => {
        log.push("work over");
        resolve("done");
      }, 100);
    });
    expect(lifecycle.waitFor(work, "import")).toBe(work);
    void lifecycle.waitFor(Promise.reject(new Error("its own concern"))).catch(() => {});
    const shutdown = lifecycle.shutdown();
    await clock.advance(100);
    await shutdown;
    expect(logged()).toEqual(["work over", "database stops"]);
    expect(lifecycle.stopReport).toMatchObject({ ok: true, steps: [{ name: "import" }, {}] });
  });

  it("waits for work that other work began", async () => {
    const clock = new ManualClock(0);
    const container = containerOf(["database", stopping("database")]);
    const lifecycle = create({}, { clock, container });
    await lifecycle.startup();
    const taking = (name: string): Promise<void> =>
      new Promise<void>((resolve) => void clock.setTimeout(resolve, 100)).then(
        () => void log.push(name),
      );
    void lifecycle.waitFor(
      taking("first").then(() => void lifecycle.waitFor(taking("second"), "second")),
      "first",
    );
    const shutdown = lifecycle.shutdown();
    await clock.advance(1000);
    await shutdown;
    expect(logged()).toEqual(["first", "second", "database stops"]);
    expect(lifecycle.stopReport!.steps.map(({ name }) => name)).toEqual([
      "first",
      "second",
      "database",
    ]);
  });

  it("goes on serving for a while with readiness red, if somebody watches it", async () => {
    const clock = new ManualClock(0);
    const watched = create({}, { clock, container: containerOf(["server", stopping("server")]) });
    await watched.startup();
    await watched.probe("ready");
    const shutdown = watched.shutdown();
    await clock.advance(1999);
    expect(await watched.probe("ready")).toMatchObject({ status: "down", state: "stopping" });
    expect(await watched.probe("live")).toMatchObject({ status: "up" });
    expect(logged()).toEqual([]);
    await clock.advance(1);
    await shutdown;
    expect(logged()).toEqual(["server stops"]);
  });

  it("stops at once if nobody has watched readiness lately, or by preStopDelay", async () => {
    const clock = new ManualClock(0);
    const unwatched = create({}, { clock });
    await unwatched.startup();
    await unwatched.probe("ready");
    await clock.advance(30_001);
    await unwatched.shutdown();
    expect(unwatched.stopReport!.totalMs).toBe(0);

    const told = create({ preStopDelay: "5s" }, { clock });
    await told.startup();
    const shutdown = told.shutdown();
    await clock.advance(5000);
    await shutdown;
    expect(told.stopReport!.steps).toMatchObject([{ name: "pre-stop delay", durationMs: 5000 }]);
  });

  it("happens at the end of an await using block", async () => {
    let state: () => string;
    {
      await using lifecycle = create();
      state = () => lifecycle.state;
      await lifecycle.startup();
      expect(state()).toBe("ready");
    }
    expect(state()).toBe("stopped");
  });
});

describe("formatReport", () => {
  it("draws when each step ran", () => {
    const text = formatReport({
      phase: "start",
      ok: false,
      totalMs: 16_000,
      steps: [
        { name: "database", kind: "service", startMs: 0, durationMs: 8000, outcome: "done" },
        {
          name: "web",
          kind: "hook",
          startMs: 8000,
          durationMs: 8000,
          outcome: "failed",
          error: "no port\nmore",
        },
        { name: "jobs", kind: "hook", startMs: 16_000, durationMs: 0, outcome: "skipped" },
      ],
    });
    expect(text.split("\n")).toEqual([
      "failed to start in 16.0 s",
      `  database |${"█".repeat(16)}${" ".repeat(16)}|  8000 ms`,
      `  web      |${" ".repeat(16)}${"█".repeat(16)}|  8000 ms  FAILED; no port`,
      `  jobs     |${" ".repeat(32)}|           SKIPPED`,
    ]);
  });
});
