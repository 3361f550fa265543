import { randomBytes } from "node:crypto";

import { describePubSubContract, testDatabases, testRedis, until } from "@infra/testing";
import { MockDatabaseService } from "@infra/testing/database";
import { afterAll, describe, expect, it } from "@jest/globals";

import { PubSubService, type PubSubDependencies, type PubSubOptions } from "../src/index.js";

const redis = testRedis(process.env);
const databases = await testDatabases(process.env);
const postgres = databases.find(({ name }) => name === "postgres")!;
let postgresUrl: Promise<string> | undefined;
let embedded: MockDatabaseService | undefined;

interface Engine {
  readonly name: string;
  readonly missing?: string | undefined;
  readonly open: () => Promise<{ options: PubSubOptions; deps?: PubSubDependencies; ends: 1 | 2 }>;
}

const engines: readonly Engine[] = [
  { name: "memory", open: async () => ({ options: {}, ends: 1 }) },
  {
    name: "redis",
    missing: redis.missing,
    open: async () => ({ options: { url: await redis.url() }, ends: 2 }),
  },
  {
    name: "postgres",
    missing: postgres.missing,
    open: async () => ({ options: { url: await (postgresUrl ??= postgres.url()) }, ends: 2 }),
  },
  {
    name: "the embedded database",
    open: async () => {
      embedded ??= new MockDatabaseService();
      await embedded.start();
      return { options: { url: "database:" }, deps: { database: embedded }, ends: 2 };
    },
  },
];

afterAll(async () => {
  await embedded?.stop();
  await redis.close();
  await postgres.close();
});

for (const { name, missing, open } of engines) {
  const title = missing === undefined ? name : `${name} (skipped: ${missing})`;
  (missing === undefined ? describe : describe.skip)(title, () => {
    describePubSubContract(name, async () => {
      const { options, deps, ends } = await open();
      const own = {
        prefix: `t${randomBytes(6).toString("hex")}`,
        durable: ["durable.#"],
        failure: "throw",
        timeout: "30s",
        maxPending: 50,
        ...options,
      } as const;
      const one = new PubSubService(own, deps);
      const other = ends === 1 ? one : new PubSubService(own, deps);
      return {
        one,
        other,
        async close() {
          await one.stop();
          await other.stop();
        },
      };
    });

    it("stop() lets go when what was published is sent", async () => {
      const { options, deps, ends } = await open();
      if (ends === 1) return;
      const own = {
        prefix: `t${randomBytes(6).toString("hex")}`,
        timeout: "30s",
        ...options,
      } as const;
      await using one = new PubSubService({ ...own, failure: "throw" }, deps);
      await using other = new PubSubService(own, deps);
      let heard = 0;
      await other.subscribe("t", () => void (heard += 1));
      await one.start();
      const publishing = Array.from({ length: 500 }, (_, at) => one.publish("t", at));
      await one.stop();
      await Promise.all(publishing);
      await until(() => heard === 500);
      expect(one.stats()).toMatchObject({ published: 500, unsent: 0 });
    }, 30_000);
  });
}
