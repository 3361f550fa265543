import {
  silentLogger,
  type Managed,
  type ManagedService,
  type ServiceContainer,
} from "@infra/interfaces";
import { describe, expect, it } from "@jest/globals";

import { ApplicationLifecycle, formatReport, type LifecycleOptions } from "../src/index.js";
import { ManualClock } from "./manual-clock.js";

const log: string[] = [];
const logged = (): string[] => log.splice(0);

function create(
  options: LifecycleOptions = {},
  deps: { clock?: ManualClock; container?: ServiceContainer } = {},
): ApplicationLifecycle {
  return new ApplicationLifecycle(
    { print: () => {}, exit: false, ...options },
    { clock: new ManualClock(), ...deps },
  );
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
    const clock = new ManualClock();
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

  it("waits for work before it stops the services", async () => {
    const clock = new ManualClock();
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

  it("goes on serving for a while with readiness red, if somebody watches it", async () => {
    const clock = new ManualClock();
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
    const clock = new ManualClock();
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

  it("leaves no listener and no timer, after 500 starts and stops", async () => {
    const before = listeners();
    const clock = new ManualClock();
    for (let n = 0; n < 500; n += 1) {
      const lifecycle = create({}, { clock });
      lifecycle.registerStartupHook("a", async () => {});
      await lifecycle.startup();
      await lifecycle.shutdown();
    }
    expect(listeners()).toEqual(before);
    expect(clock.pending).toBe(0);
  });
});

function listeners(): number[] {
  return ["SIGTERM", "SIGINT", "uncaughtException", "unhandledRejection"].map((event) =>
    process.listenerCount(event),
  );
}

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
