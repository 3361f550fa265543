// Jobs in Redis, through BullMQ by itself and through @infra/jobs, both on node-redis, both keeping a thousand finished jobs
// for a day. Each is warm before the clock runs: what a compiler, a connection and a worker need to begin is not measured.
import { join } from "node:path";

import { onOneCore } from "../on-one-core.mjs";
import { ownContestant } from "../own-process.mjs";
import { versionsOf } from "../versions.mjs";

export const title = "jobs on Redis: beside raw BullMQ on the same client";
export const unit = "jobs/s";
export const packages = ["@infra/jobs", "@infra/testing"];

export function versions() {
  return versionsOf("bullmq", "redis");
}

const works = ["enqueue, 20 in flight", "bulk enqueue of 500", "no-op jobs, concurrency 10"];
const libraries = ["bullmq", "@infra/jobs"];
const program = join(import.meta.dirname, "jobs", "contestant.mjs");

export const contestants = works.flatMap((work) =>
  libraries.map((library) => {
    const name = `${library}, ${work}`;
    const { answer, measure } = ownContestant(program, { name, args: [library, work] });
    return { name, group: work, answer, measure: () => onOneCore(measure) };
  }),
);

export const bars = works.map((work) => ({
  contestant: `@infra/jobs, ${work}`,
  against: `bullmq, ${work}`,
  least: 0.95,
}));
