import { expect, it } from "@jest/globals";

import { RedisSideStore } from "../../src/bull/redis-store.js";

it("RedisSideStore reads all of the schedules in one step", async () => {
  const asked: string[][] = [];
  const client = {
    xRevRange: () => Promise.resolve([]),
    eval(_script: string, { keys }: { keys: string[] }) {
      asked.push(keys);
      return Promise.resolve([
        ["a", "spec of a", "b", "spec of b"],
        ["b", "2", "a", "1"],
      ]);
    },
  };
  await expect(new RedisSideStore(client, "bull:jobs", 10).schedules()).resolves.toEqual([
    { key: "a", spec: "spec of a", nextMs: 1 },
    { key: "b", spec: "spec of b", nextMs: 2 },
  ]);
  expect(asked).toEqual([
    ["spec", "next", "claim"].map((part) => `bull:jobs:infra:schedule:${part}`),
  ]);
});
