import { until } from "@infra/testing";
import { expect, it } from "@jest/globals";
import { z } from "zod";

import { defineJob, type RunningJob } from "../src/index.js";
import { onEveryEngine } from "./engines.js";

const mail = defineJob<{ to: string }, string>("mail.send", {
  schema: z.object({ to: z.email() }),
  attempts: 3,
  backoff: { kind: "fixed", delay: 10 },
});

const codeOf = (error: { readonly code?: string }): unknown => error.code;

await onEveryEngine("JobsService", (engine) => {
  it("enqueue() adds a job that is run by its handler, and result() gives what it returned", async () => {
    const jobs = await engine.make();
    jobs.handle(mail, ({ payload }) => `sent to ${payload.to}`);
    await jobs.start();
    const id = await jobs.enqueue(mail, { to: "a@example.org" });
    await expect(jobs.result(id, { timeout: "20s" })).resolves.toBe("sent to a@example.org");
    expect(jobs.stats()).toMatchObject({ enqueued: 1, started: 1, completed: 1, failed: 0 });
    // one that is done already
    await expect(jobs.result(id)).resolves.toBe("sent to a@example.org");
  });

  it("enqueue() refuses a payload that does not fit, and says where", async () => {
    const jobs = await engine.make();
    await expect(jobs.enqueue(mail, { to: "nobody" })).rejects.toMatchObject({
      code: "ERR_JOBS_PAYLOAD",
      details: { issues: [{ path: ["to"] }] },
    });
    for (const priority of [1, -11, -0.5]) {
      await expect(jobs.enqueue(mail, { to: "a@b.cd" }, { priority })).rejects.toThrow(
        `priority must be a whole number from -10 to 0, of which 0 is the soonest and the default; got ${priority}`,
      );
    }
    expect((await jobs.admin.counts()).waiting).toBe(0);
  });

  it("enqueueMany() adds all of them", async () => {
    const jobs = await engine.make();
    const seen = new Set<string>();
    jobs.handle(mail, ({ payload }) => {
      seen.add(payload.to);
      return "";
    });
    await jobs.start();
    const payloads = Array.from({ length: 100 }, (_, at) => ({ to: `a${at}@example.org` }));
    const ids = await jobs.enqueueMany(
      mail,
      payloads.map((payload) => ({ payload })),
    );
    expect(new Set(ids).size).toBe(100);
    await until(() => seen.size === 100, { timeoutMs: 20_000 });
  });

  it("a failing job is tried again, then stands in the dead letters until it is redriven", async () => {
    const jobs = await engine.make();
    let working = false;
    const attempts: number[] = [];
    jobs.handle(mail, ({ attempt }) => {
      attempts.push(attempt);
      if (!working) throw new Error("no connection");
      return "sent";
    });
    await jobs.start();
    const id = await jobs.enqueue(mail, { to: "a@example.org" });
    await expect(jobs.result(id, { timeout: "20s" })).rejects.toMatchObject({
      code: "ERR_JOBS_FAILED",
      message: expect.stringContaining("no connection"),
    });
    expect(attempts).toEqual([1, 2, 3]);
    const [letter] = await jobs.admin.deadLetters();
    expect(letter).toMatchObject({ id, payload: { to: "a@example.org" }, error: "no connection" });
    working = true;
    await expect(jobs.admin.redriveAll({ name: "other" })).resolves.toBe(0);
    await expect(jobs.admin.redriveAll()).resolves.toBe(1);
    await expect(jobs.result(id, { timeout: "20s" })).resolves.toBe("sent");
    await expect(jobs.admin.deadLetters()).resolves.toEqual([]);
  });

  it("an error that says retryable: false is not tried again", async () => {
    const jobs = await engine.make();
    jobs.handle(mail, () => {
      throw Object.assign(new Error("never"), { retryable: false });
    });
    await jobs.start();
    const id = await jobs.enqueue(mail, { to: "a@example.org" });
    await expect(jobs.result(id, { timeout: "20s" })).rejects.toThrow("never");
    expect(jobs.stats()).toMatchObject({ started: 1, failed: 1 });
  });

  it("a result that is no plain JSON is a failure for good", async () => {
    const jobs = await engine.make();
    const sum = defineJob<null>("sum", { attempts: 3 });
    jobs.handle(sum, () => ({ total: 1n }));
    await jobs.start();
    const id = await jobs.enqueue(sum, null);
    await expect(jobs.result(id, { timeout: "20s" })).rejects.toThrow(
      "the result of the job sum is no plain JSON",
    );
    await expect(jobs.admin.get(id)).resolves.toMatchObject({ state: "failed", failures: 1 });
    expect(jobs.stats()).toMatchObject({ completed: 0, failed: 1 });
  });

  it("redriveAll() redrives each dead letter once, though it fails again", async () => {
    const jobs = await engine.make();
    const broken = defineJob<number>("broken");
    jobs.handle(broken, () => {
      throw new Error("still");
    });
    await jobs.start();
    await jobs.enqueueMany(
      broken,
      [1, 2, 3].map((payload) => ({ payload })),
    );
    await until(() => jobs.stats().failed === 3, { timeoutMs: 20_000 });
    await until(async () => (await jobs.admin.counts()).failed === 3);
    await expect(jobs.admin.redriveAll({ name: "other" })).resolves.toBe(0);
    await expect(jobs.admin.redriveAll({ name: "broken" })).resolves.toBe(3);
    await until(() => jobs.stats().failed === 6, { timeoutMs: 20_000 });
  });

  it("a job past its time-out gets its signal, then is failed, whether or not it listens", async () => {
    const slow = defineJob<{ does: string }>("slow", { timeout: 100 });
    const jobs = await engine.make();
    const reasons: unknown[] = [];
    jobs.handle(slow, ({ signal, payload }) => {
      return new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => {
          reasons.push(signal.reason);
          if (payload.does === "listens") reject(signal.reason);
          if (payload.does === "returns") resolve("half way");
        });
      });
    });
    await jobs.start();
    for (const does of ["listens", "nothing", "returns"]) {
      const id = await jobs.enqueue(slow, { does });
      await expect(jobs.result(id, { timeout: "20s" })).rejects.toThrow(
        "the job slow took longer than 100 ms",
      );
    }
    expect(reasons).toEqual([
      expect.objectContaining({ code: "ERR_JOBS_TIMEOUT" }),
      expect.objectContaining({ code: "ERR_JOBS_TIMEOUT" }),
      expect.objectContaining({ code: "ERR_JOBS_TIMEOUT" }),
    ]);
    expect(jobs.stats().timedOut).toBe(3);
  });

  it("cancel() takes back what waits and aborts what runs, here or elsewhere", async () => {
    const long = defineJob("long", { attempts: 3 });
    const jobs = await engine.make();
    const other = engine.name === "memory" ? jobs : await engine.make({ work: false });
    jobs.handle(long, ({ signal }) => {
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    });
    await jobs.start();
    const waiting = await jobs.enqueue(long, null, { delay: "1m" });
    await expect(other.cancel(waiting)).resolves.toBe(true);
    await expect(other.cancel(waiting)).resolves.toBe(false);
    const running = await jobs.enqueue(long, null);
    await until(() => jobs.stats().running === 1);
    await expect(other.cancel(running)).resolves.toBe(true);
    await expect(jobs.result(running, { timeout: "20s" })).rejects.toThrow("was cancelled");
    expect(jobs.stats()).toMatchObject({ cancelled: 1, retried: 0 });
  });

  it("stop() waits for what runs, and start() and stop() are idempotent", async () => {
    const jobs = await engine.make();
    let end!: (value: string) => void;
    jobs.handle(mail, () => new Promise<string>((resolve) => (end = resolve)));
    await Promise.all([jobs.start(), jobs.start()]);
    await jobs.enqueue(mail, { to: "a@example.org" });
    await until(() => jobs.stats().running === 1);
    const stopping = jobs.stop();
    expect(jobs.stop()).toBe(stopping);
    end("done");
    await stopping;
    expect(jobs.stats()).toMatchObject({ completed: 1, returned: 0 });
    await expect(jobs.start()).rejects.toMatchObject({ code: "ERR_JOBS_STOPPED" });
    await expect(jobs.health()).resolves.toMatchObject({ status: "down" });
  });

  it("a job that nothing handles waits for a process that does, without using up its attempts", async () => {
    const jobs = await engine.make();
    jobs.handle(mail, () => "");
    await jobs.start();
    const unknown = defineJob("unknown");
    const id = await jobs.enqueue(unknown, null);
    await until(() => jobs.stats().returned === 1);
    await until(async () => (await jobs.admin.get(id))?.state === "delayed");
    expect(await jobs.admin.get(id)).toMatchObject({ failures: 0 });
  });

  it("the handler's job tells who and what it is, and keeps progress and log lines", async () => {
    const jobs = await engine.make();
    let seen: RunningJob<{ to: string }> | undefined;
    jobs.handle(mail, async (job) => {
      seen = job;
      await job.progress({ percent: 50 });
      await job.log("half way");
      return "";
    });
    await jobs.start();
    const id = await jobs.enqueue(mail, { to: "a@example.org" }, { tenantId: "t1" });
    await jobs.result(id, { timeout: "20s" });
    expect(seen).toMatchObject({ id, name: "mail.send", attempt: 1, attempts: 3, tenantId: "t1" });
    await expect(jobs.admin.logs(id)).resolves.toEqual(["half way"]);
    await expect(jobs.admin.get(id)).resolves.toMatchObject({
      state: "completed",
      progress: { percent: 50 },
      tenantId: "t1",
    });
  });

  it("dedupeKey, throttle and debounce keep jobs from being added", async () => {
    const jobs = await engine.make();
    const to = { to: "a@example.org" };
    const first = await jobs.enqueue(mail, to, { dedupeKey: "a", delay: "1m" });
    await expect(jobs.enqueue(mail, to, { dedupeKey: "a" })).resolves.toBe(first);
    await expect(jobs.enqueue(mail, to, { dedupeKey: "b", delay: "1m" })).resolves.not.toBe(first);
    const throttled = await jobs.enqueue(mail, to, { dedupeKey: "c", throttle: "1m" });
    await expect(jobs.enqueue(mail, to, { dedupeKey: "c", throttle: "1m" })).resolves.toBe(
      throttled,
    );
    const debounced = await jobs.enqueue(mail, to, { dedupeKey: "d", debounce: "1m" });
    await expect(jobs.enqueue(mail, to, { dedupeKey: "d", debounce: "1m" })).resolves.not.toBe(
      debounced,
    );
    await expect(jobs.admin.get(debounced)).resolves.toBeUndefined();
    await expect(jobs.enqueue(mail, to, { throttle: "1m" })).rejects.toThrow("need a dedupeKey");
  });

  it("enqueueFlow() runs the children first, and the parent has their results", async () => {
    const jobs = await engine.make();
    const part = defineJob<number, number>("part");
    const whole = defineJob<null, number>("whole");
    jobs.handle(part, ({ payload }) => payload * 2);
    jobs.handle(whole, async (job) => {
      const results = Object.values(await job.children()) as number[];
      return results.reduce((sum, each) => sum + each, 0);
    });
    await jobs.start();
    const { id, children } = await jobs.enqueueFlow({
      definition: whole,
      payload: null,
      children: [1, 2, 3].map((payload) => ({ definition: part, payload })),
    });
    expect(children).toHaveLength(3);
    await expect(jobs.result(id, { timeout: "20s" })).resolves.toBe(12);
  });

  it("enqueueFlow() again with ids of one's own adds nothing", async () => {
    const jobs = await engine.make();
    const part = defineJob<number>("part");
    const ran: number[] = [];
    jobs.handle(part, ({ payload }) => void ran.push(payload));
    const flow = {
      definition: part,
      payload: 0,
      options: { id: "whole" },
      children: [1, 2].map((payload) => ({
        definition: part,
        payload,
        options: { id: `part-${payload}` },
      })),
    };
    const ids = await jobs.enqueueFlow(flow);
    await expect(jobs.enqueueFlow(flow)).resolves.toEqual(ids);
    await expect(jobs.admin.counts()).resolves.toMatchObject({
      waiting: 2,
      "waiting-children": 1,
    });
    await jobs.start();
    await jobs.result(ids.id, { timeout: "20s" });
    expect(ran.toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
  });

  it("result() says when there is no such job, and ends after its time", async () => {
    const jobs = await engine.make();
    await expect(jobs.result("nothing")).rejects.toMatchObject({ code: "ERR_JOBS_UNKNOWN" });
    const id = await jobs.enqueue(mail, { to: "a@example.org" });
    await expect(jobs.result(id, { timeout: 100 })).rejects.toMatchObject({
      code: "ERR_PROMISES_TIMEOUT",
    });
    await expect(jobs.health()).resolves.toMatchObject({ status: "up" });
  });

  it("result() that waits still is rejected by stop()", async () => {
    const jobs = await engine.make();
    const id = await jobs.enqueue(mail, { to: "a@example.org" }, { delay: "1h" });
    const waiting = [jobs.result(id), jobs.result(id)].map((each) => each.catch(codeOf));
    await expect(jobs.result(id, { timeout: 100 })).rejects.toThrow("took longer");
    await jobs.stop();
    await expect(Promise.all(waiting)).resolves.toEqual(["ERR_JOBS_STOPPED", "ERR_JOBS_STOPPED"]);
  });
});

await onEveryEngine(
  "several processes",
  (engine) => {
    it("enqueue() works without start(), and another process runs the job", async () => {
      const producer = await engine.make({ work: false });
      const id = await producer.enqueue(mail, { to: "a@example.org" });
      const worker = await engine.make();
      worker.handle(mail, () => "done");
      await worker.start();
      await expect(producer.result(id, { timeout: "20s" })).resolves.toBe("done");
    });

    it("stop() gives back what is not done in time, and another process runs it", async () => {
      const long = defineJob("long");
      const first = await engine.make();
      let aborted = false;
      first.handle(long, ({ signal }) => {
        return new Promise((_, reject) => {
          signal.addEventListener("abort", () => {
            aborted = true;
            reject(signal.reason);
          });
        });
      });
      await first.start();
      const id = await first.enqueue(long, null);
      await until(() => first.stats().running === 1);
      const startedAt = performance.now();
      await first.stop({ signal: AbortSignal.timeout(300) });
      expect(performance.now() - startedAt).toBeLessThan(4_000);
      expect(aborted).toBe(true);
      const second = await engine.make();
      second.handle(long, ({ attempt }) => `attempt ${attempt}`);
      await second.start();
      await expect(second.result(id, { timeout: "20s" })).resolves.toBe("attempt 1");
      await expect(first.enqueue(long, null)).rejects.toMatchObject({ code: "ERR_JOBS_STOPPED" });
    });

    it("a payload of an earlier version is brought up before the handler has it", async () => {
      const jobs = await engine.make({ work: false });
      const one = defineJob<{ name: string }>("greet");
      const three = defineJob<{ first: string; greeting: string }>("greet", {
        version: 3,
        upcast: {
          1: (old) => ({ first: (old as { name: string }).name }),
          2: (old) => ({ ...(old as object), greeting: "hello" }),
        },
      });
      const id = await jobs.enqueue(one, { name: "Ada" });
      const worker = await engine.make();
      const seen: unknown[] = [];
      worker.handle(three, ({ payload }) => void seen.push(payload));
      await worker.start();
      await jobs.result(id, { timeout: "20s" });
      expect(seen).toEqual([{ first: "Ada", greeting: "hello" }]);
    });
  },
  ["redis", "embedded", "postgres"],
);
