// Enqueues and works while Redis goes away and comes back.
import { setTimeout as sleep } from "node:timers/promises";

import { defineJob, JobsService } from "@infra/jobs";

import { took } from "../jobs-process.mjs";

const job = defineJob("outage", { attempts: 3 });
const callTimeoutMs = 1_500;

/** @param leave takes Redis away; resolves to what brings it back */
export async function outage({ url, forMs, leave }) {
  const seen = new Set();
  let lastSeenAt = 0;
  const jobs = new JobsService({ url, lease: "4s", callTimeout: callTimeoutMs, concurrency: 8 });
  jobs.handle(job, ({ payload }) => {
    seen.add(payload);
    lastSeenAt = performance.now();
  });
  await jobs.start();
  const acknowledged = [];
  const waits = [];
  let refused = 0;
  let next = 0;
  const ending = new AbortController();
  const producers = Array.from({ length: 4 }, async () => {
    while (!ending.signal.aborted) {
      const n = (next += 1);
      const startedAt = performance.now();
      try {
        await jobs.enqueue(job, n);
        acknowledged.push(n);
      } catch {
        refused += 1;
      }
      waits.push(performance.now() - startedAt);
      await sleep(10);
    }
  });
  await sleep(1_000);
  const comeBack = await leave();
  await sleep(forMs);
  await comeBack();
  const backAt = performance.now();
  await took(() => lastSeenAt >= backAt, 20_000);
  const resumedMs = Math.round(lastSeenAt - backAt);
  await sleep(1_000);
  ending.abort();
  await Promise.all(producers);
  const endsAt = performance.now() + 20_000;
  const missing = () => acknowledged.filter((n) => !seen.has(n)).length;
  while (missing() > 0 && performance.now() < endsAt) await sleep(50);

  // and stop() with the engine gone
  await leave();
  const stopAt = performance.now();
  await jobs.stop({ signal: AbortSignal.timeout(3_000) });
  const stopMs = Math.round(performance.now() - stopAt);
  const longestMs = Math.round(Math.max(...waits));
  return {
    ok:
      missing() === 0 &&
      acknowledged.length > 0 &&
      resumedMs >= 0 &&
      resumedMs <= 3_000 &&
      longestMs <= callTimeoutMs + 500 &&
      stopMs <= 6_000,
    seen:
      `away for ${forMs} ms: ${acknowledged.length} acknowledged, ${missing()} lost, ${refused} refused, ` +
      `enqueue took ${longestMs} ms at most (callTimeout ${callTimeoutMs} ms), work resumed after ${resumedMs} ms; stop() with Redis gone took ${stopMs} ms`,
  };
}
