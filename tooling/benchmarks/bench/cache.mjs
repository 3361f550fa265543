// Hits: in memory, by getOrSet, in the first of two tiers, and over Redis.
import { join } from "node:path";

import { startRedis } from "@infra/testing";

import { onOneCore } from "../on-one-core.mjs";
import { inOwnProcess } from "../own-process.mjs";
import { median } from "../statistics.mjs";
import { takeTurns, together, withRivals } from "../taking-turns.mjs";
import { versionsOf } from "../versions.mjs";

export const title =
  "hits of 1,000 keys, values of an object with a list: in memory, by getOrSet, in memory before a second tier; over Redis, 50 at a time and one by one";
export const unit = "hits/s";
export const packages = ["@infra/cache", "@infra/testing"];

export function versions() {
  return versionsOf("keyv", "@keyv/redis", "lru-cache", "bentocache", "cacheable");
}

const inMemory = ["get", "getOrSet", "two tiers"];
/** How many at a time. */
const overRedis = { "redis, 50 at a time": 50, "redis, one by one": 1 };

export const contestants = [
  ...inMemory.flatMap((work) =>
    ["lru-cache", "@infra/cache", "keyv", "cacheable", "bentocache"].map((library) =>
      contestant(library, work),
    ),
  ),
  ...rivalsOverRedis(),
];

export const bars = [
  ...inMemory.flatMap((work) =>
    ["keyv", "cacheable", "bentocache"].map((rival) => bar(rival, work, 10)),
  ),
  ...inMemory.map((work) => bar("lru-cache", work, 1 / 3)),
  ...Object.keys(overRedis).map((work) => bar("@keyv/redis", work, 0.9)),
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

/** They live at the same time, on one Redis, and take turns of some milliseconds. */
function rivalsOverRedis() {
  const libraries = ["@keyv/redis", "@infra/cache"];
  const program = join(import.meta.dirname, "cache", "redis-rival.mjs");
  const ofEachWork = (ask) =>
    onOneCore(async () => {
      const server = await startRedis();
      try {
        const processes = libraries.map((library) => [library, server.url]);
        return await withRivals(program, processes, async (rivals) => {
          const results = [];
          for (const atOnce of Object.values(overRedis))
            results.push(...(await ask(rivals, atOnce)));
          return results;
        });
      } finally {
        await server.stop();
      }
    });
  const each = Object.keys(overRedis).flatMap((work) =>
    libraries.map((library) => ({ name: `${library}, ${work}`, group: work })),
  );
  return together(each, {
    answers: () =>
      ofEachWork((rivals) => Promise.all(rivals.map((rival) => rival.ask({ wanted: "answer" })))),
    measure: () =>
      ofEachWork(async (rivals, atOnce) => {
        const question = { wanted: "turn", atOnce };
        const turns = await takeTurns(rivals, question, { turns: 30, forMs: 2000, warmUp: 8 });
        return turns.map((own) => ({
          value: median(own.map(({ hits }) => hits)),
          note: { "µs of CPU": median(own.map(({ cpu }) => cpu)) },
        }));
      }),
  });
}
