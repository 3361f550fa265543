import assert from "node:assert/strict";

import type { JobEvent } from "@infra/interfaces";

import { it } from "../runner.js";
import { until } from "../until.js";
import { completed, failed, newJob, stands, work, type JobEngineUnderTest } from "./fixture.js";

/** Keys, flows, events and schedules. */
export function rulesTests(open: () => Promise<JobEngineUnderTest>): void {
  it("dedupe: while one with the key is not finished, another is not added", async () => {
    const { engine } = await open();
    const dedupe = { id: "key" };
    const [first, second, third] = [newJob({ dedupe }), newJob({ dedupe }), newJob({ dedupe })];
    assert.deepEqual(await engine.add([first]), [first.id]);
    assert.deepEqual(await engine.add([second]), [first.id]);
    assert.equal(await engine.get(second.id), undefined);
    const worker = work(engine);
    await stands(engine, first.id, "completed");
    assert.deepEqual(await engine.add([third]), [third.id]);
    await stands(engine, third.id, "completed");
    await worker.close();
    assert.equal(worker.seen.length, 2);
  });

  it("dedupe for a time: also when the first is done", async () => {
    const { engine } = await open();
    const dedupe = { id: "key", forMs: 700 };
    const [first, second, third] = [newJob({ dedupe }), newJob({ dedupe }), newJob({ dedupe })];
    const worker = work(engine);
    await engine.add([first]);
    await stands(engine, first.id, "completed");
    assert.deepEqual(await engine.add([second]), [first.id]);
    await until(async () => (await engine.add([third]))[0] === third.id);
    await stands(engine, third.id, "completed");
    await worker.close();
    assert.equal(worker.seen.length, 2);
  });

  it("dedupe with replace: the last one runs, when none came for so long", async () => {
    const { engine } = await open();
    const dedupe = { id: "key", forMs: 500, replace: true };
    const jobs = [1, 2, 3].map((payload) => newJob({ dedupe, delayMs: 500, data: { payload } }));
    const worker = work(engine);
    for (const job of jobs) assert.deepEqual(await engine.add([job]), [job.id]);
    await stands(engine, jobs[2]!.id, "completed");
    await worker.close();
    assert.deepEqual(
      worker.seen.map(({ data }) => data),
      [{ payload: 3 }],
    );
  });

  it("addFlow(): a parent runs when its children are done, and has their results", async () => {
    const { engine } = await open();
    const [parent, one, other, leaf] = [newJob({ name: "parent" }), newJob(), newJob(), newJob()];
    const onFailure = "fail-parent" as const;
    await engine.addFlow({
      job: parent,
      onFailure,
      children: [
        { job: one, children: [], onFailure },
        { job: other, children: [{ job: leaf, children: [], onFailure }], onFailure },
      ],
    });
    assert.equal((await engine.get(parent.id))?.state, "waiting-children");
    let given: unknown;
    const worker = work(engine, async (job) => {
      if (job.id === parent.id) given = await job.children();
      return completed(`result of ${job.id}`);
    });
    await stands(engine, parent.id, "completed");
    await worker.close();
    assert.deepEqual(given, {
      [one.id]: `result of ${one.id}`,
      [other.id]: `result of ${other.id}`,
    });
    const order = worker.seen.map(({ id }) => id);
    assert.ok(order.indexOf(leaf.id) < order.indexOf(other.id));
    assert.equal(order.at(-1), parent.id);
  });

  it("addFlow(): a child that fails for good fails its parent, or is done without", async () => {
    const { engine } = await open();
    const worker = work(engine, (job) => (job.name === "bad" ? failed("no") : completed()));
    const [strict, lenient] = [newJob({ name: "strict" }), newJob({ name: "lenient" })];
    await engine.addFlow({
      job: strict,
      onFailure: "fail-parent",
      children: [{ job: newJob({ name: "bad" }), children: [], onFailure: "fail-parent" }],
    });
    await engine.addFlow({
      job: lenient,
      onFailure: "fail-parent",
      children: [{ job: newJob({ name: "bad" }), children: [], onFailure: "ignore" }],
    });
    await stands(engine, lenient.id, "completed");
    await stands(engine, strict.id, "failed");
    await worker.close();
    assert.ok(!worker.seen.some(({ name }) => name === "strict"));
  });

  it("subscribe() tells what happens from then on, in whatever process", async () => {
    const { engine, again } = await open();
    const events: JobEvent[] = [];
    const end = await ((await again?.()) ?? engine).subscribe((event) => events.push(event));
    const worker = work(engine, async (job) => {
      await job.progress(50);
      return job.name === "bad" ? failed("no") : completed({ a: 1 });
    });
    const [good, bad] = [newJob(), newJob({ name: "bad" })];
    await engine.add([good, bad]);
    const ended = new Set(["completed", "failed"]);
    await until(() => events.filter(({ type }) => ended.has(type)).length === 2);
    await worker.close();
    const typesOf = (id: string): string[] =>
      events.filter((event) => event.id === id).map(({ type }) => type);
    for (const type of ["active", "progress", "completed"]) {
      assert.ok(typesOf(good.id).includes(type), `${type} of ${typesOf(good.id).join()}`);
    }
    const last = events.find((event) => event.id === good.id && event.type === "completed");
    assert.deepEqual(last?.result, { a: 1 });
    assert.equal(events.find(({ type }) => type === "failed")?.error, "no");
    const count = events.length;
    await end();
    await engine.add([newJob({ delayMs: 60_000 })]);
    assert.equal(events.length, count);
  });

  it("sendCancel() reaches every process that listens", async () => {
    const { engine, again } = await open();
    const heard: string[] = [];
    const end = await ((await again?.()) ?? engine).onCancel((id) => heard.push(id));
    await engine.sendCancel("one");
    await engine.sendCancel("two");
    await until(() => heard.length === 2);
    await end();
    assert.deepEqual(heard, ["one", "two"]);
  });

  it("putSchedule() keeps the time of one that stands, and replaces what differs", async () => {
    const { engine } = await open();
    await engine.putSchedule({ key: "a", spec: "x", nextMs: 1_000 });
    await engine.putSchedule({ key: "a", spec: "x", nextMs: 2_000 });
    assert.deepEqual(await engine.schedules(), [{ key: "a", spec: "x", nextMs: 1_000 }]);
    await engine.putSchedule({ key: "a", spec: "y", nextMs: 3_000 });
    assert.deepEqual(await engine.schedules(), [{ key: "a", spec: "y", nextMs: 3_000 }]);
    assert.equal(await engine.removeSchedule("a"), true);
    assert.equal(await engine.removeSchedule("a"), false);
    assert.deepEqual(await engine.schedules(), []);
  });

  it("claimSlot() gives a slot to one, until its time is over, and passSlot() moves on", async () => {
    const { engine, again } = await open();
    const other = (await again?.()) ?? engine;
    await engine.putSchedule({ key: "a", spec: "x", nextMs: 1_000 });
    const slot = { key: "a", slotMs: 1_000, nowMs: 5_000, forMs: 100 };
    const claims = await Promise.all(
      Array.from({ length: 10 }, (_, at) => (at % 2 === 0 ? engine : other).claimSlot(slot)),
    );
    assert.equal(claims.filter(Boolean).length, 1);
    assert.equal(await other.claimSlot({ ...slot, nowMs: 5_050 }), false);
    assert.equal(await other.claimSlot({ ...slot, nowMs: 5_101 }), true);
    await other.passSlot({ key: "a", slotMs: 1_000, nextMs: 2_000 });
    await engine.passSlot({ key: "a", slotMs: 1_000, nextMs: 9_000 });
    assert.deepEqual(await engine.schedules(), [{ key: "a", spec: "x", nextMs: 2_000 }]);
    assert.equal(await engine.claimSlot(slot), false);
    assert.equal(await engine.claimSlot({ ...slot, key: "b" }), false);
    const next = { key: "a", slotMs: 2_000, nowMs: 5_000, forMs: 100 };
    assert.equal(await engine.claimSlot(next), true);
  });
}
