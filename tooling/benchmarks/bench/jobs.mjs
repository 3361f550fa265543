import { join } from "node:path";

import { inOwnProcess } from "../own-process.mjs";
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
  libraries.map((library) => ({
    name: `${library}, ${work}`,
    group: work,
    answer: () => inOwnProcess(program, library, work, "answer"),
    measure: async () => ({ value: await inOwnProcess(program, library, work, "measure") }),
  })),
);

export const bars = works.map((work) => ({
  contestant: `@infra/jobs, ${work}`,
  against: `bullmq, ${work}`,
  least: 0.95,
}));
