import { silentLogger } from "@infra/interfaces";
import { ManualClock, settle, until } from "@infra/testing";
import { expect, it } from "@jest/globals";

import { MemoryJobEngine } from "../src/drivers/memory.js";
import { defineJob } from "../src/index.js";
import { newCounts } from "../src/jobs-stats.js";
import { Scheduler } from "../src/scheduler.js";
import { onEveryEngine, type EngineUnderTest } from "./engines.js";

const report = defineJob<{ of: string }>("report");
const noon = Date.UTC(2030, 0, 1, 12);

const hour = 3_600_000;

/** A service, and the slots of what it ran. */
async function collecting(engine: EngineUnderTest, clock: ManualClock) {
  const slots: number[] = [];
  const jobs = await engine.make({}, { clock });
  jobs.handle(report, ({ scheduledForMs }) => void slots.push(scheduledForMs!));
  return { jobs, slots };
}

await onEveryEngine("schedule()", (engine) => {
  it("runs a job at each slot, once over two processes", async () => {
    const clock = new ManualClock(noon);
    const one = await collecting(engine, clock);
    const two = engine.name === "memory" ? one : await collecting(engine, clock);
    for (const { jobs } of new Set([one, two])) {
      await jobs.schedule("hourly", report, { of: "a" }, { cron: "0 * * * *" });
      await jobs.start();
    }
    const all = (): number[] => [...new Set([one, two])].flatMap(({ slots }) => slots);
    for (let at = 1; at <= 3; at += 1) {
      await clock.advance(hour);
      await until(async () => {
        // what one process looks at in a few seconds
        await clock.advance(100);
        return all().length >= at;
      });
    }
    await until(async () => (await one.jobs.admin.schedules())[0]!.nextMs > noon + 3 * hour);
    expect(all().toSorted((a, b) => a - b)).toEqual([
      noon + hour,
      noon + 2 * hour,
      noon + 3 * hour,
    ]);
  });

  it("schedules are listed, replaced and removed", async () => {
    const clock = new ManualClock(noon);
    const { jobs } = await collecting(engine, clock);
    await jobs.schedule("a", report, { of: "a" }, { cron: "0 3 * * *", timeZone: "Europe/Berlin" });
    await jobs.schedule("b", report, { of: "b" }, { every: "1h" });
    await expect(jobs.admin.schedules()).resolves.toEqual([
      {
        key: "a",
        name: "report",
        payload: { of: "a" },
        cron: "0 3 * * *",
        timeZone: "Europe/Berlin",
        missed: "once",
        nextMs: Date.UTC(2030, 0, 2, 2),
      },
      {
        key: "b",
        name: "report",
        payload: { of: "b" },
        everyMs: hour,
        missed: "once",
        nextMs: noon + hour,
      },
    ]);
    await jobs.schedule("b", report, { of: "b" }, { every: "2h" });
    await jobs.unschedule("a");
    await jobs.unschedule("a");
    const left = await jobs.admin.schedules();
    expect(left.map(({ key, everyMs }) => [key, everyMs])).toEqual([["b", 2 * hour]]);
  });
});

await onEveryEngine(
  "schedule() over several processes",
  (engine) => {
    it("what was missed while no process ran follows the policy, over a restart", async () => {
      const first = await collecting(engine, new ManualClock(noon));
      for (const missed of ["once", "skip", "all"] as const) {
        await first.jobs.schedule(missed, report, { of: missed }, { every: "1h", missed });
      }
      await first.jobs.stop();

      const clock = new ManualClock(noon + 3.5 * hour);
      const ran: string[] = [];
      const jobs = await engine.make({}, { clock });
      jobs.handle(report, ({ payload, scheduledForMs }) => {
        ran.push(`${payload.of} ${(scheduledForMs! - noon) / hour}`);
      });
      // as every application does when it starts: what stands keeps its time
      for (const missed of ["once", "skip", "all"] as const) {
        await jobs.schedule(missed, report, { of: missed }, { every: "1h", missed });
      }
      await jobs.start();
      await until(() => ran.length >= 4);
      expect(ran.toSorted()).toEqual(["all 1", "all 2", "all 3", "once 3"]);
      await until(async () =>
        (await jobs.admin.schedules()).every(({ nextMs }) => nextMs === noon + 4 * hour),
      );
    });

    it("Trap: the next slot comes though the job of the last has not begun", async () => {
      const clock = new ManualClock(noon);
      const jobs = await engine.make({ work: false }, { clock });
      await jobs.schedule("hourly", report, { of: "a" }, { every: "1h" });
      // nobody runs the jobs, which pile up: one for each slot
      const scheduler = await engine.make({ concurrency: 1 }, { clock });
      let end!: () => void;
      const blocked = new Promise<void>((resolve) => (end = resolve));
      scheduler.handle(report, () => blocked);
      await scheduler.start();
      for (let at = 1; at <= 3; at += 1) {
        await clock.advance(hour);
        await until(async () => {
          await clock.advance(100);
          const { waiting, active } = await jobs.admin.counts();
          return waiting + active === at;
        });
      }
      // a job is there a moment before it is counted
      await until(() => scheduler.stats().scheduled === 3);
      expect(scheduler.stats().started).toBe(1);
      end();
    });
  },
  ["redis", "embedded", "postgres"],
);

it("Scheduler hears of a change that comes as it has just looked", async () => {
  let looks = 0;
  class CountingEngine extends MemoryJobEngine {
    override schedules() {
      looks += 1;
      return super.schedules();
    }
  }
  let isFirst = true;
  class BusyClock extends ManualClock {
    override setTimeout(...args: Parameters<ManualClock["setTimeout"]>) {
      // what is set last is when to look again
      if (isFirst) queueMicrotask(() => scheduler.wake());
      isFirst = false;
      return super.setTimeout(...args);
    }
  }
  const scheduler = new Scheduler({
    engine: new CountingEngine(),
    clock: new BusyClock(),
    logger: silentLogger,
    counts: newCounts(),
    callTimeoutMs: 1_000,
    jobFor: () => {
      throw new Error("there is none");
    },
  });
  scheduler.start();
  await settle();
  expect(looks).toBe(2);
  await scheduler.stop();
});
