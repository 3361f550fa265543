// Hits: in memory, by getOrSet, in the first of two tiers, and over Redis.
import { join } from "node:path";

import { inOwnProcess } from "../own-process.mjs";
import { versionsOf } from "../versions.mjs";

export const title =
  "hits of 1,000 keys, values of an object with a list: in memory, by getOrSet, in memory before a second tier; over Redis, 50 at a time and one by one";
export const unit = "hits/s";
export const packages = ["@infra/cache", "@infra/testing"];

export function versions() {
  return versionsOf("keyv", "@keyv/redis", "lru-cache", "bentocache", "cacheable");
}

const inMemory = ["get", "getOrSet", "two tiers"];
const overRedis = ["redis, 50 at a time", "redis, one by one"];

export const contestants = [
  ...inMemory.flatMap((work) =>
    ["lru-cache", "@infra/cache", "keyv", "cacheable", "bentocache"].map((library) =>
      contestant(library, work),
    ),
  ),
  ...overRedis.flatMap((work) =>
    ["@keyv/redis", "@infra/cache"].map((library) => contestant(library, work)),
  ),
];

export const bars = [
  ...inMemory.flatMap((work) =>
    ["keyv", "cacheable", "bentocache"].map((rival) => bar(rival, work, 10)),
  ),
  ...inMemory.map((work) => bar("lru-cache", work, 1 / 3)),
  ...overRedis.map((work) => bar("@keyv/redis", work, 0.9)),
];

function bar(rival, work, least) {
  return { contestant: `@infra/cache, ${work}`, against: `${rival}, ${work}`, least };
}

function contestant(library, work) {
  const program = join(import.meta.dirname, "cache", "contestant.mjs");
  return {
    name: `${library}, ${work}`,
    group: work,
    /** Some of the values. */
    answer: () => inOwnProcess(program, library, work, "answer"),
    measure: async () => ({ value: await inOwnProcess(program, library, work, "measure") }),
  };
}
