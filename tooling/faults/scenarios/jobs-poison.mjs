import { onEachEngine, onQueue, startWorker, timesIn, took } from "../jobs-process.mjs";
import { poison, short } from "../programs/jobs-definitions.mjs";

export const title = "jobs: poison (exit, memory, endless loop) in a sandbox beside 100 good ones";

export async function run() {
  return onEachEngine(async (engine) => {
    const queue = "poison";
    await onQueue(engine, queue, async (jobs) => {
      await jobs.enqueueMany(
        poison,
        ["exit", "memory", "loop"].map((payload) => ({ payload })),
      );
      await jobs.enqueueMany(
        short,
        Array.from({ length: 100 }, (_, payload) => ({ payload })),
      );
    });
    const worker = await startWorker(engine, queue);
    const good = await took(() => timesIn(engine.log, "end").size === 100, 30_000);
    // each of the three twice, the loop for 2 s each time
    await took(() => false, 15_000);
    await worker.end("SIGTERM");
    const letters = await onQueue(engine, queue, (jobs) => jobs.admin.deadLetters());
    const reasons = letters.map(({ payload, failures }) => `${payload} after ${failures}`);
    return {
      ok:
        good !== undefined && letters.length === 3 && letters.every((each) => each.failures === 2),
      seen: `100 good ones in ${good} ms, dead letters: ${reasons.toSorted().join(", ")}`,
    };
  });
}
