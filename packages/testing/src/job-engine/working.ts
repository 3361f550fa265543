import assert from "node:assert/strict";

import { it } from "../runner.js";
import { until } from "../until.js";
import { completed, failed, newJob, stands, work, type JobEngineUnderTest } from "./fixture.js";

/** How an engine hands jobs out, and what becomes of them. */
export function workingTests(open: () => Promise<JobEngineUnderTest>): void {
  it("jobs run in the order in which they came, and their results are kept", async () => {
    const { engine } = await open();
    const jobs = Array.from({ length: 20 }, () => newJob());
    await engine.add(jobs);
    const worker = work(engine, (job) => completed({ was: job.id }));
    await stands(engine, jobs[19]!.id, "completed");
    await worker.close();
    assert.deepEqual(
      worker.seen.map(({ id }) => id),
      jobs.map(({ id }) => id),
    );
    const first = await engine.get(jobs[0]!.id);
    assert.deepEqual(first?.result, { was: jobs[0]!.id });
    assert.equal(first?.failures, 0);
    assert.ok(first.startedAtMs! <= first.finishedAtMs!);
  });

  it("of those that wait the higher priority runs first", async () => {
    const { engine } = await open();
    const priorities = [0, -10, -1, -3, 0, -1];
    const jobs = priorities.map((priority) => newJob({ priority }));
    for (const job of jobs) await engine.add([job]);
    const worker = work(engine);
    await until(async () => (await engine.counts()).completed === 6);
    await worker.close();
    assert.deepEqual(
      worker.seen.map(({ id }) => jobs.findIndex((job) => job.id === id)),
      [0, 4, 2, 5, 3, 1],
    );
    const kept = await Promise.all(jobs.map(({ id }) => engine.get(id)));
    assert.deepEqual(
      kept.map((job) => job?.priority),
      priorities,
    );
  });

  it("a job that was delayed, or is tried again, has its priority still", async () => {
    const { engine } = await open();
    const [later, retried, first] = [
      newJob({ priority: -4, delayMs: 100 }),
      newJob({ priority: -2, attempts: 2 }),
      newJob({ delayMs: 100 }),
    ];
    await engine.add([retried]);
    const blocker = newJob({ name: "blocker" });
    let end!: () => void;
    const due = new Promise<void>((resolve) => (end = resolve));
    let failures = 0;
    const worker = work(engine, async (job) => {
      if (job.id === retried.id && (failures += 1) === 1) {
        // the blocker in front: however slow the engine is, it runs before they are due or when they are
        await engine.add([blocker, later, first]);
        return failed("once");
      }
      if (job.id === blocker.id) await due;
      return completed();
    });
    await until(async () => (await engine.get(blocker.id))?.state === "active");
    // all of them wait now, or will as soon as the blocker ends
    await new Promise((resolve) => setTimeout(resolve, 150));
    end();
    await stands(engine, later.id, "completed");
    await worker.close();
    const names = new Map([
      [later.id, "later"],
      [retried.id, "retried"],
      [first.id, "first"],
      [blocker.id, "blocker"],
    ]);
    assert.deepEqual(
      worker.seen.map(({ id }) => names.get(id)),
      ["retried", "blocker", "first", "retried", "later"],
    );
  });

  it("a delayed job runs when it is due, not before", async () => {
    const { engine } = await open();
    const worker = work(engine);
    const startedAt = Date.now();
    const job = newJob({ delayMs: 400 });
    await engine.add([job]);
    assert.equal((await engine.get(job.id))?.state, "delayed");
    await stands(engine, job.id, "completed");
    const { startedAtMs, addedAtMs } = (await engine.get(job.id))!;
    assert.ok(startedAtMs! - addedAtMs >= 390, `began after ${startedAtMs! - addedAtMs} ms`);
    assert.ok(Date.now() - startedAt < 10_000);
    await worker.close();
  });

  it("a failure is tried again after its wait, then is a dead letter with its last error", async () => {
    const { engine } = await open();
    const times: number[] = [];
    const worker = work(engine, (job) => {
      times.push(Date.now());
      return failed(`failure ${job.attempt} of ${job.attempts}`, job.attempt === 1 ? 300 : 0);
    });
    const job = newJob({ attempts: 3 });
    await engine.add([job]);
    await stands(engine, job.id, "failed");
    await worker.close();
    assert.equal(times.length, 3);
    assert.ok(times[1]! - times[0]! >= 290, `tried again after ${times[1]! - times[0]!} ms`);
    const letter = (await engine.list("failed", { offset: 0, limit: 10 }))[0]!;
    assert.equal(letter.id, job.id);
    assert.equal(letter.error, "failure 3 of 3");
    assert.match(letter.stack ?? "", /failure 3/);
    assert.equal(letter.failures, 3);
  });

  it("a final failure is not tried again", async () => {
    const { engine } = await open();
    const worker = work(engine, () => failed("hopeless", 0, true));
    const job = newJob({ attempts: 5 });
    await engine.add([job]);
    await stands(engine, job.id, "failed");
    await worker.close();
    assert.equal(worker.seen.length, 1);
    assert.equal((await engine.get(job.id))?.error, "hopeless");
  });

  it("what is returned is handed out again, and the attempt does not count", async () => {
    const { engine } = await open();
    const worker = work(engine, () => {
      if (worker.seen.length === 1) return { kind: "returned", afterMs: 0 };
      if (worker.seen.length === 2) return { kind: "returned", afterMs: 200 };
      return completed();
    });
    const job = newJob({ attempts: 1 });
    await engine.add([job]);
    await stands(engine, job.id, "completed");
    await worker.close();
    assert.deepEqual(
      worker.seen.map(({ attempt, attempts }) => `${attempt} of ${attempts}`),
      ["1 of 1", "1 of 1", "1 of 1"],
    );
  });

  it("a worker runs so many at once, and two share the jobs, each once", async () => {
    const { engine, again } = await open();
    let running = 0;
    let most = 0;
    const run = async (): Promise<ReturnType<typeof completed>> => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
      return completed();
    };
    const one = work(engine, run, { concurrency: 4 });
    const other = work((await again?.()) ?? engine, run, { concurrency: 4 });
    const jobs = Array.from({ length: 100 }, () => newJob());
    await engine.add(jobs);
    await until(async () => (await engine.counts()).completed === 100, { timeoutMs: 20_000 });
    await Promise.all([one.close(), other.close()]);
    const ids = [...one.seen, ...other.seen].map(({ id }) => id);
    assert.equal(ids.length, 100);
    assert.equal(new Set(ids).size, 100);
    assert.ok(most > 1 && most <= 8, `${most} at once`);
  });

  it("rateLimit: all workers together begin no more in the time", async () => {
    const { engine, again } = await open();
    const times: number[] = [];
    const run = (): ReturnType<typeof completed> => {
      times.push(Date.now());
      return completed();
    };
    const options = { concurrency: 5, rateLimit: { max: 5, durationMs: 400 } };
    await engine.add(Array.from({ length: 12 }, () => newJob()));
    const workers = [work(engine, run, options)];
    if (again) workers.push(work(await again(), run, options));
    await until(() => times.length === 12, { timeoutMs: 20_000 });
    for (const worker of workers) await worker.close();
    assert.ok(times.at(-1)! - times[0]! >= 700, `12 within ${times.at(-1)! - times[0]!} ms`);
  });

  it("jobs of no tenant run before those of tenants, of the same priority", async () => {
    const { engine } = await open();
    const jobs = [
      newJob({ tenantId: "a" }),
      newJob(),
      newJob({ priority: -1, tenantId: "a" }),
      newJob({ priority: -1 }),
    ];
    for (const job of jobs) await engine.add([job]);
    const worker = work(engine);
    await until(async () => (await engine.counts()).completed === 4);
    await worker.close();
    assert.deepEqual(
      worker.seen.map(({ id }) => jobs.findIndex((job) => job.id === id)),
      [1, 0, 3, 2],
    );
  });

  it("tenants take turns, whoever came first", async () => {
    const { engine } = await open();
    const big = Array.from({ length: 20 }, () => newJob({ tenantId: "big" }));
    const small = Array.from({ length: 3 }, () => newJob({ tenantId: "small" }));
    await engine.add(big);
    await engine.add(small);
    const worker = work(engine);
    await until(async () => (await engine.counts()).completed === 23);
    await worker.close();
    const order = worker.seen.map(({ id }) => (big.some((job) => job.id === id) ? "b" : "s"));
    assert.equal(order.slice(0, 6).filter((each) => each === "s").length, 3, order.join(""));
    // and each tenant's own in order
    const own = worker.seen.map(({ id }) => id).filter((id) => big.some((job) => job.id === id));
    assert.deepEqual(
      own,
      big.map(({ id }) => id),
    );
  });

  it("Trap: a result, an error or a line of text with U+0000 does not keep a job from ending", async () => {
    const { engine } = await open();
    const worker = work(engine, async (job) => {
      await job.log("a\0b");
      await job.progress({ text: "a\0b" });
      return job.name === "bad" ? failed("a\0b") : completed({ text: "a\0b" });
    });
    const [good, bad] = [newJob(), newJob({ name: "bad" })];
    await engine.add([good, bad]);
    await stands(engine, good.id, "completed");
    await stands(engine, bad.id, "failed");
    await worker.close();
    assert.equal(worker.seen.length, 2);
  });

  it("progress() and log() are kept with the job", async () => {
    const { engine } = await open();
    const worker = work(engine, async (job) => {
      await job.log("one");
      await job.progress({ done: 1, of: 2 });
      await job.log("two");
      return completed();
    });
    const job = newJob();
    await engine.add([job]);
    await stands(engine, job.id, "completed");
    await worker.close();
    assert.deepEqual(await engine.logs(job.id), ["one", "two"]);
    assert.deepEqual((await engine.get(job.id))?.progress, { done: 1, of: 2 });
    assert.deepEqual(await engine.logs("nothing"), []);
  });

  it("a worker's close() waits for what runs, and takes no more", async () => {
    const { engine } = await open();
    let end!: () => void;
    const running = new Promise<void>((resolve) => (end = resolve));
    const worker = work(engine, () => running.then(() => completed()));
    const jobs = [newJob(), newJob()];
    await engine.add(jobs);
    await stands(engine, jobs[0]!.id, "active");
    const closing = worker.close();
    end();
    await closing;
    assert.equal((await engine.get(jobs[0]!.id))?.state, "completed");
    assert.equal((await engine.get(jobs[1]!.id))?.state, "waiting");
    assert.equal(worker.seen.length, 1);
  });
}
