import { silentLogger } from "@infra/interfaces";
import { ManualClock } from "@infra/testing";
import { expect, it } from "@jest/globals";

import { defineJob } from "../src/index.js";
import { JobRunner } from "../src/job-runner.js";
import { newCounts } from "../src/jobs-stats.js";

it("JobRunner aborts a job that is here twice, as one that had lost its lease is, twice", async () => {
  const counts = newCounts();
  const runner = new JobRunner({
    clock: new ManualClock(),
    logger: silentLogger,
    random: () => 0,
    counts,
    abortGraceMs: 1_000,
    registrations: new Map([
      [
        "slow",
        {
          definition: defineJob("slow"),
          handler: ({ signal }) =>
            new Promise((_, reject) => {
              signal.addEventListener("abort", () => reject(signal.reason));
            }),
        },
      ],
    ]),
  });
  const job = {
    id: "1",
    name: "slow",
    data: {},
    attempt: 1,
    attempts: 1,
    progress: () => Promise.resolve(),
    log: () => Promise.resolve(),
    children: () => Promise.resolve({}),
  };
  const runs = [runner.run(job), runner.run(job)];
  const idle = runner.idle();
  expect(runner.cancel("1")).toBe(true);
  await idle;
  expect(counts.running).toBe(0);
  for (const run of runs) expect(await run).toMatchObject({ kind: "failed", final: true });
  expect(runner.cancel("1")).toBe(false);
});
