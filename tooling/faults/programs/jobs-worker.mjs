// node jobs-worker.mjs URL QUEUE LOG: works on a queue, and writes a line to LOG when a job begins and when it ends.
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { JobsService, sandboxed } from "@infra/jobs";

import { long, poison, short } from "./jobs-definitions.mjs";

const [url, queue, log] = process.argv.slice(2);
const note = (what, { id }) => appendFileSync(log, `${what} ${id}\n`);

const jobs = new JobsService({ url, queue, concurrency: 8, lease: "4s" });
const noted = (work) => async (job) => {
  note("start", job);
  await work(job);
  note("end", job);
};
jobs.handle(
  short,
  noted(() => sleep(10)),
);
jobs.handle(
  long,
  noted(() => sleep(4_000)),
);
const inSandbox = sandboxed(new URL("jobs-poison.mjs", import.meta.url), { memory: "64mb" });
jobs.handle(poison, inSandbox);
await jobs.start();
process.send?.("ready");
process.once("SIGTERM", () => {
  void jobs.stop({ signal: AbortSignal.timeout(5_000) }).then(() => process.exit(0));
});
