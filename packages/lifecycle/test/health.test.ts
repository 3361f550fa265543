import type { HealthReport, Managed } from "@infra/interfaces";
import { ManualClock } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { ApplicationLifecycle } from "../src/index.js";

function create(clock = new ManualClock(0)): ApplicationLifecycle {
  return new ApplicationLifecycle({ print: () => {}, exit: false, preStopDelay: 0 }, { clock });
}

function healthy(report: HealthReport): Managed {
  return { health: async () => report };
}

describe("ApplicationLifecycle.probe", () => {
  it("answers by the state: live, startup and ready", async () => {
    const lifecycle = create();
    const statuses = async (): Promise<string[]> =>
      Promise.all(
        (["live", "startup", "ready"] as const).map(
          async (kind) => (await lifecycle.probe(kind)).status,
        ),
      );
    expect(await statuses()).toEqual(["up", "down", "down"]);
    await lifecycle.startup();
    expect(await statuses()).toEqual(["up", "up", "up"]);
    await lifecycle.shutdown();
    expect(await statuses()).toEqual(["down", "down", "down"]);
  });

  it("gives the worst of what services and checks say", async () => {
    const lifecycle = create();
    lifecycle
      .manage(healthy({ status: "up" }), { name: "database" })
      .registerHealthCheck("disk", () => ({ status: "degraded", message: "90 % full" }));
    await lifecycle.startup();
    expect(await lifecycle.probe("ready")).toEqual({
      status: "degraded",
      state: "ready",
      checks: { database: { status: "up" }, disk: { status: "degraded", message: "90 % full" } },
    });
    lifecycle.registerHealthCheck("database", () => ({ status: "down" }), { critical: false });
    expect((await lifecycle.probe("ready")).status).toBe("degraded");
    lifecycle.registerHealthCheck("database", () => ({ status: "down" }));
    expect((await lifecycle.probe("ready")).status).toBe("down");
  });

  it("never rejects: a check that throws, lies or hangs is down", async () => {
    const clock = new ManualClock(0);
    const lifecycle = create(clock);
    lifecycle
      .registerHealthCheck("throws", () => {
        throw new Error("no route");
      })
      .registerHealthCheck("lies", () => ({ status: "fine" }) as never)
      .registerHealthCheck("hangs", () => new Promise(() => {}));
    await lifecycle.startup();
    const probe = lifecycle.probe("ready");
    await clock.advance(2000);
    expect((await probe).checks).toEqual({
      throws: { status: "down", message: "no route" },
      lies: { status: "down", message: "the check answered { status: 'fine' }" },
      hangs: { status: "down", message: "no answer within 2000 ms" },
    });
  });

  it("asks a check once at a time, and remembers the answer for a while", async () => {
    const clock = new ManualClock(0);
    const lifecycle = create(clock);
    let asked = 0;
    lifecycle.registerHealthCheck("slow", async () => {
      asked += 1;
      return { status: "up" };
    });
    await lifecycle.startup();
    await Promise.all([lifecycle.probe("ready"), lifecycle.probe("ready")]);
    await lifecycle.probe("ready");
    expect(asked).toBe(1);
    await clock.advance(1000);
    await lifecycle.probe("ready");
    expect(asked).toBe(2);
  });
});
