import assert from "node:assert/strict";

import type { JobState } from "@infra/interfaces";

import { it } from "../runner.js";
import { until } from "../until.js";
import { completed, failed, newJob, stands, work, type JobEngineUnderTest } from "./fixture.js";

/** What an engine keeps, and lets be seen. */
export function keepingTests(open: () => Promise<JobEngineUnderTest>): void {
  it("add() keeps a job as plain JSON, and get() gives it", async () => {
    const { engine } = await open();
    const job = newJob({ data: { payload: { text: "ü\n'\"?$1", list: [1, null, { a: true }] } } });
    assert.deepEqual(await engine.add([job]), [job.id]);
    const found = await engine.get(job.id);
    assert.deepEqual(found?.data, job.data);
    assert.equal(found?.state, "waiting");
    assert.equal(found?.name, "test");
    assert.equal(found?.failures, 0);
    assert.equal(found?.attempts, 1);
    assert.ok(Math.abs(found.addedAtMs - Date.now()) < 60_000);
    assert.equal(await engine.get("nothing"), undefined);
  });

  it("add() of an id that is there adds nothing", async () => {
    const { engine } = await open();
    const job = newJob();
    await engine.add([job]);
    assert.deepEqual(await engine.add([{ ...job, data: { payload: "other" } }]), [job.id]);
    assert.deepEqual((await engine.get(job.id))?.data, job.data);
    assert.equal((await engine.counts()).waiting, 1);
  });

  it("add() of none adds none, and of many gives their ids in order", async () => {
    const { engine } = await open();
    assert.deepEqual(await engine.add([]), []);
    const jobs = Array.from({ length: 250 }, () => newJob());
    assert.deepEqual(
      await engine.add(jobs),
      jobs.map(({ id }) => id),
    );
    assert.equal((await engine.counts()).waiting, 250);
  });

  it("list() pages: the next to run first, and of the finished the newest first", async () => {
    const { engine } = await open();
    const jobs = [-5, -2, 0, 0, -2].map((priority) => newJob({ priority }));
    for (const job of jobs) await engine.add([job]);
    const page = async (state: JobState, offset: number, limit: number): Promise<number[]> => {
      const found = await engine.list(state, { offset, limit });
      return found.map(({ id }) => jobs.findIndex((job) => job.id === id));
    };
    assert.deepEqual(await page("waiting", 0, 1), [2]);
    assert.deepEqual(await page("waiting", 1, 2), [3, 1]);
    assert.deepEqual(await page("waiting", 3, 5), [4, 0]);
    assert.deepEqual(await page("waiting", 5, 5), []);
    // two that finish in the same millisecond have no order
    const worker = work(engine, async () => {
      await new Promise((resolve) => setTimeout(resolve, 3));
      return completed();
    });
    await until(async () => (await engine.counts()).completed === 5);
    await worker.close();
    assert.deepEqual(await page("completed", 0, 10), [0, 4, 1, 3, 2]);
  });

  it("remove() takes back what waits or is delayed, not what runs or is not there", async () => {
    const { engine } = await open();
    const [waiting, delayed] = [newJob(), newJob({ delayMs: 60_000 })];
    await engine.add([waiting, delayed]);
    assert.equal(await engine.remove(waiting.id), true);
    assert.equal(await engine.remove(delayed.id), true);
    assert.equal(await engine.remove(waiting.id), false);
    assert.equal(await engine.get(waiting.id), undefined);
    let end!: () => void;
    const running = new Promise<void>((resolve) => (end = resolve));
    const worker = work(engine, () => running.then(() => completed()));
    const job = newJob();
    await engine.add([job]);
    await stands(engine, job.id, "active");
    assert.equal(await engine.remove(job.id), false);
    end();
    await stands(engine, job.id, "completed");
    await worker.close();
    assert.deepEqual(
      worker.seen.map(({ id }) => id),
      [job.id],
    );
  });

  it("redrive() gives a dead letter all its attempts again", async () => {
    const { engine } = await open();
    const job = newJob({ attempts: 2 });
    let working = false;
    const worker = work(engine, () => (working ? completed("at last") : failed("no")));
    await engine.add([job]);
    await stands(engine, job.id, "failed");
    assert.equal(await engine.redrive("nothing"), false);
    working = true;
    assert.equal(await engine.redrive(job.id), true);
    await stands(engine, job.id, "completed");
    assert.equal(await engine.redrive(job.id), false);
    await worker.close();
    assert.deepEqual(
      worker.seen.map(({ attempt }) => attempt),
      [1, 2, 1],
    );
  });

  it("Trap: finished jobs are kept up to their bound", async () => {
    const { engine } = await open();
    const keep = {
      keepCompleted: { count: 3, ageMs: 3_600_000 },
      keepFailed: { count: 2, ageMs: 3_600_000 },
    };
    const worker = work(engine, (job) => (job.name === "bad" ? failed("no") : completed()));
    const jobs = Array.from({ length: 10 }, (_, at) =>
      newJob({ ...keep, name: at % 2 === 0 ? "good" : "bad" }),
    );
    await engine.add(jobs);
    await until(() => worker.seen.length === 10);
    await until(async () => (await engine.counts()).active === 0);
    await worker.close();
    const { completed: done, failed: dead } = await engine.counts();
    assert.deepEqual({ done, dead }, { done: 3, dead: 2 });
    assert.ok(await engine.get(jobs[8]!.id));
    assert.equal(await engine.get(jobs[0]!.id), undefined);
  });

  it("finished jobs are kept up to their worker's bound, where they have none of their own", async () => {
    const { engine } = await open();
    const worker = work(engine, () => completed(), {
      keepCompleted: { count: 2, ageMs: 3_600_000 },
    });
    await engine.add(Array.from({ length: 6 }, () => newJob()));
    await until(() => worker.seen.length === 6);
    await until(async () => (await engine.counts()).active === 0);
    await worker.close();
    assert.equal((await engine.counts()).completed, 2);
  });

  it("keepCompleted of none keeps none", async () => {
    const { engine } = await open();
    const job = newJob({ keepCompleted: { count: 0, ageMs: 0 } });
    const worker = work(engine);
    await engine.add([job]);
    await until(async () => (await engine.get(job.id)) === undefined);
    await worker.close();
    assert.equal(worker.seen.length, 1);
  });

  it("clean() removes what finished before, and says how many", async () => {
    const { engine } = await open();
    const worker = work(engine, (job) => (job.name === "bad" ? failed("no") : completed()));
    await engine.add([newJob(), newJob(), newJob({ name: "bad" })]);
    await until(async () => {
      const { completed: done, failed: dead } = await engine.counts();
      return done + dead === 3;
    });
    await worker.close();
    assert.equal(await engine.clean("completed", { olderThanMs: 3_600_000, limit: 10 }), 0);
    await until(async () => (await engine.clean("completed", { olderThanMs: 0, limit: 1 })) === 1);
    assert.equal((await engine.counts()).completed, 1);
    assert.equal((await engine.counts()).failed, 1);
  });

  it("what was added survives close(), and another engine sees it", async (): Promise<void> => {
    const { engine, again } = await open();
    const job = newJob({ delayMs: 60_000 });
    await engine.add([job]);
    if (!engine.durable || !again) {
      // of what lives in memory it is the contract that it is gone
      assert.equal(engine.durable, false);
      return;
    }
    const other = await again();
    assert.deepEqual((await other.get(job.id))?.data, job.data);
    await engine.close();
    const third = await again();
    assert.equal((await third.get(job.id))?.state, "delayed");
  });

  it("calls reject when their signal is aborted", async () => {
    const { engine } = await open();
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    await assert.rejects(engine.add([newJob()], { signal }), (error) => error === reason);
    assert.equal((await engine.counts()).waiting, 0);
  });
}
