// Trivial operations through a queue, ten at a time: added together (`addAll`, which both have), added one by one with a
// promise for each, and those with ten priorities; and what a batch of 500 costs each item over one call with an array.
import { join } from "node:path";

import { ownContestant, slowed } from "../own-process.mjs";
import { versionsOf } from "../versions.mjs";

export const title =
  "100,000 trivial operations at concurrency 10: together, one by one, with ten priorities; items in batches of 500";
export const unit = "items/s";
export const packages = ["@infra/queue"];

export function versions() {
  return versionsOf("p-queue");
}

const program = join(import.meta.dirname, "queue", "contestant.mjs");
// answers with what a few items give, how many ran at once, and in which order they began
const contestant = (name, group) => ownContestant(program, { name, group });

export const contestants = [
  contestant("p-queue", "operations"),
  contestant("TaskQueue", "operations"),
  contestant("WorkQueue", "operations"),
  contestant("p-queue, one by one", "operations"),
  contestant("TaskQueue, one by one", "operations"),
  contestant("WorkQueue, one by one", "operations"),
  contestant("p-queue, ten priorities", "priorities"),
  contestant("TaskQueue, ten priorities", "priorities"),
  contestant("WorkQueue, ten priorities", "priorities"),
  contestant("one call with an array of 500", "batches"),
  contestant("BatchQueue", "batches"),
  slowed(contestant("one call with an array of 500", "batches"), {
    name: "one call and 2 µs for each item",
    bySeconds: 2e-6,
  }),
];

export const bars = [
  { contestant: "TaskQueue", against: "p-queue", least: 5 },
  { contestant: "WorkQueue", against: "p-queue", least: 5 },
  { contestant: "TaskQueue, ten priorities", against: "p-queue, ten priorities", least: 3 },
  { contestant: "WorkQueue, ten priorities", against: "p-queue, ten priorities", least: 3 },
  { contestant: "BatchQueue", against: "one call and 2 µs for each item", least: 1 },
];
