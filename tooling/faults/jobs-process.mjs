// What the scenarios about jobs share: engines, and a worker in a process of its own.
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { JobsService } from "@infra/jobs";
import { startPostgres, startRedis } from "@infra/testing";

const workers = new Set();
const program = join(import.meta.dirname, "programs", "jobs-worker.mjs");

/** Runs `work(engine)` on each engine: `{ name, url, log }`. */
export async function onEachEngine(work) {
  const results = [];
  for (const name of ["redis", "postgres", "embedded"]) {
    const folder = mkdtempSync(join(tmpdir(), "infra-faults-jobs-"));
    const server =
      name === "redis"
        ? await startRedis({ settings: { appendonly: "yes", appendfsync: "always" } })
        : name === "postgres"
          ? await startPostgres()
          : undefined;
    try {
      const url = server?.url ?? `pglite:${join(folder, "data")}`;
      results.push({ name, ...(await work({ name, url, log: join(folder, "log") })) });
    } finally {
      // one that a failure left behind would go on writing
      await Promise.all([...workers].map((worker) => worker.end("SIGKILL")));
      await server?.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return {
    ok: results.every(({ ok }) => ok),
    seen: results.map(({ name, seen }) => `${name}: ${seen}`).join("; "),
  };
}

/** What `work(jobs)` gives, of a service that runs nothing. */
export async function onQueue({ url }, queue, work) {
  const jobs = new JobsService({ url, queue, work: false });
  try {
    return await work(jobs);
  } finally {
    await jobs.stop();
  }
}

/** A process that works on the queue, ready. */
export async function startWorker({ url, log }, queue) {
  const child = fork(program, [url, queue, log]);
  const exit = once(child, "exit");
  const worker = {
    async end(signal) {
      child.kill(signal);
      await exit;
    },
  };
  workers.add(worker);
  child.once("exit", () => workers.delete(worker));
  await Promise.race([
    once(child, "message"),
    exit.then(([code]) => {
      throw new Error(`the worker ended with ${code} before it was ready`);
    }),
  ]);
  return worker;
}

/** How often each id stands in the log behind a word. */
export function timesIn(log, word) {
  const times = new Map();
  for (const line of linesOf(log)) {
    const [what, id] = line.split(" ");
    if (what === word) times.set(id, (times.get(id) ?? 0) + 1);
  }
  return times;
}

function linesOf(log) {
  try {
    return readFileSync(log, "utf8").split("\n");
  } catch {
    // nothing has begun
    return [];
  }
}

/** Waits until `check` gives true; how many milliseconds that took, or `undefined` after `forMs`. */
export async function took(check, forMs) {
  const startedAt = performance.now();
  while (!(await check())) {
    if (performance.now() - startedAt > forMs) return undefined;
    await sleep(20);
  }
  return Math.round(performance.now() - startedAt);
}
