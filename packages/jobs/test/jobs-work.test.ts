import { deferred } from "@infra/promises";
import { MemoryLogger, settle } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { MemoryJobEngine } from "../src/drivers/memory.js";
import { defineJob, JobsService } from "../src/index.js";

const mail = defineJob<string>("mail");

describe("start() and stop()", () => {
  it("a start that stop() overtakes begins no work", async () => {
    const asked = deferred();
    const listening = deferred();
    let workers = 0;
    let ended = 0;
    class SlowEngine extends MemoryJobEngine {
      override async onCancel() {
        asked.resolve();
        await listening.promise;
        return async () => void (ended += 1);
      }

      override work(...args: Parameters<MemoryJobEngine["work"]>) {
        workers += 1;
        return super.work(...args);
      }
    }
    const jobs = new JobsService({ engine: new SlowEngine() });
    jobs.handle(mail, () => {});
    const starting = jobs.start();
    await asked.promise;
    await jobs.stop();
    listening.resolve();
    await starting;
    expect({ workers, ended }).toEqual({ workers: 0, ended: 1 });
  });
});

describe("result()", () => {
  it("listens again when listening has failed", async () => {
    let failures = 1;
    class FlakyEngine extends MemoryJobEngine {
      override subscribe(...args: Parameters<MemoryJobEngine["subscribe"]>) {
        return failures-- > 0 ? Promise.reject(new Error("not now")) : super.subscribe(...args);
      }
    }
    await using jobs = new JobsService({ engine: new FlakyEngine() });
    jobs.handle(mail, ({ payload }) => payload);
    await jobs.start();
    const id = await jobs.enqueue(mail, "hello");
    await expect(jobs.result(id)).rejects.toMatchObject({
      code: "ERR_JOBS_ENGINE",
      message: "subscribe: the engine failed: not now",
    });
    await expect(jobs.result(id)).resolves.toBe("hello");
  });
});

describe("subscribe()", () => {
  it("what a listener throws is logged, and changes nothing", async () => {
    const logger = new MemoryLogger();
    await using jobs = new JobsService({ url: "memory:" }, { logger });
    jobs.handle(mail, ({ payload }) => payload);
    await jobs.start();
    await jobs.subscribe(() => {
      throw new Error("mine");
    });
    await expect(jobs.result(await jobs.enqueue(mail, "hello"))).resolves.toBe("hello");
    await settle();
    expect(new Set(logger.messages("error"))).toEqual(new Set(["a listener of job events threw"]));
  });
});

describe("schedule()", () => {
  it("refuses a payload that its jobs could not have", async () => {
    await using jobs = new JobsService({ url: "memory:", maxPayloadBytes: 50 });
    const when = { every: "1h" } as const;
    for (const payload of ["x".repeat(50), 1n as never]) {
      await expect(jobs.schedule("key", mail, payload, when)).rejects.toMatchObject({
        code: "ERR_JOBS_PAYLOAD",
      });
    }
    await expect(jobs.admin.schedules()).resolves.toEqual([]);
  });
});

describe("admin.clean()", () => {
  it("removes what finished longer ago", async () => {
    await using jobs = new JobsService({ url: "memory:" });
    jobs.handle(mail, () => {});
    await jobs.start();
    await jobs.result(await jobs.enqueue(mail, "hello"));
    await expect(jobs.admin.clean("completed", { olderThan: "1h" })).resolves.toBe(0);
    await expect(jobs.admin.clean("completed", { olderThan: 0 })).resolves.toBe(1);
    await expect(jobs.admin.clean("completed", { olderThan: -1 })).rejects.toThrow(
      "olderThan must be milliseconds",
    );
  });
});
