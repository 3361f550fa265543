import { randomBytes } from "node:crypto";

import type { JobEngine } from "@infra/interfaces";
import { describeJobEngineContract, testRedis } from "@infra/testing";
import { afterAll, describe } from "@jest/globals";

import { RedisJobEngine } from "../../src/drivers/redis.js";

const redis = testRedis(process.env);
const present = redis.missing === undefined ? describe : describe.skip;

present(`RedisJobEngine on ${redis.title}`, () => {
  afterAll(() => redis.close());

  describeJobEngineContract("redis", async () => {
    const queue = `test-${randomBytes(6).toString("hex")}`;
    const opened: JobEngine[] = [];
    const again = async (): Promise<JobEngine> => {
      const engine = new RedisJobEngine({ url: await redis.url(), queue });
      opened.push(engine);
      await engine.open();
      return engine;
    };
    return {
      engine: await again(),
      again,
      close: async () => {
        await Promise.all(opened.map((engine) => engine.close()));
      },
    };
  });
});
