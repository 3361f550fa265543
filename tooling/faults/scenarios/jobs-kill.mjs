import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { onEachEngine, onQueue, startWorker, timesIn, took } from "../jobs-process.mjs";
import { long, short } from "../programs/jobs-definitions.mjs";

export const title =
  "jobs: SIGKILL of the worker loses no job, repeats few, and is recovered from within 10 s";

const shortJobs = 1_000;
const longJobs = 16;
const mostTwice = 40;
const drainMs = 10_000;

export async function run({ short: quick }) {
  return onEachEngine(async (engine) => {
    const shorts = await manyShort(engine, quick ? 2 : 5);
    rmSync(engine.log, { force: true });
    const longs = await fewLong(engine, quick ? 1 : 3);
    return { ok: shorts.ok && longs.ok, seen: `${shorts.seen}; ${longs.seen}` };
  });
}

async function manyShort(engine, kills) {
  const queue = "short";
  const ids = await enqueue(engine, queue, short, shortJobs);
  for (let kill = 0; kill < kills; kill += 1) {
    const worker = await startWorker(engine, queue);
    const before = timesIn(engine.log, "end").size;
    await took(() => timesIn(engine.log, "end").size >= before + 80, 30_000);
    await sleep(7 * kill);
    await worker.end("SIGKILL");
  }
  const killedAt = performance.now();
  const last = await startWorker(engine, queue);
  const done = () => timesIn(engine.log, "end").size;
  await took(() => done() === ids.length, 60_000);
  const drainedMs = Math.round(performance.now() - killedAt);
  await sleep(300);
  await last.end("SIGTERM");
  const { completed, failed } = await counts(engine, queue);
  const starts = timesIn(engine.log, "start");
  const twice = [...starts.values()].filter((times) => times > 1).length;
  const lost = ids.filter((id) => !timesIn(engine.log, "end").has(id)).length;
  // of an embedded database only that nothing is lost
  const held = engine.name === "embedded" || (drainedMs <= drainMs && twice <= mostTwice);
  return {
    ok: lost === 0 && failed === 0 && completed === ids.length && held,
    seen: `${ids.length} jobs, ${kills} kills: ${lost} lost, ${failed} failed, ${twice} started twice, drained in ${drainedMs} ms`,
  };
}

async function fewLong(engine, kills) {
  const queue = "long";
  await enqueue(engine, queue, long, longJobs);
  for (let kill = 0; kill < kills; kill += 1) {
    const worker = await startWorker(engine, queue);
    const before = [...timesIn(engine.log, "start").values()].reduce((sum, each) => sum + each, 0);
    const begun = () =>
      [...timesIn(engine.log, "start").values()].reduce((sum, each) => sum + each, 0) >= before + 8;
    await took(begun, 20_000);
    await sleep(300);
    await worker.end("SIGKILL");
  }
  const last = await startWorker(engine, queue);
  await took(() => timesIn(engine.log, "end").size === longJobs, 40_000);
  await sleep(300);
  await last.end("SIGTERM");
  const { completed, failed } = await counts(engine, queue);
  return {
    ok: completed + failed === longJobs,
    seen: `${longJobs} long jobs, ${kills} kills: ${completed} done, ${failed} dead letters`,
  };
}

function enqueue(engine, queue, definition, many) {
  return onQueue(engine, queue, (jobs) =>
    jobs.enqueueMany(
      definition,
      Array.from({ length: many }, (_, payload) => ({ payload })),
    ),
  );
}

function counts(engine, queue) {
  return onQueue(engine, queue, (jobs) => jobs.admin.counts());
}
