import { randomUUID } from "node:crypto";
import { EventEmitter, once } from "node:events";

import { testRedis } from "@infra/testing";
import { afterAll, afterEach, describe, expect, it } from "@jest/globals";
import { createNodeRedisClient, Queue, Worker } from "bullmq";
import { createClient } from "redis";

import { logBullmq } from "../src/index.js";
import { recordedLogger } from "./recorded-logger.js";

const redis = testRedis(process.env);
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});
afterAll(() => redis.close());

const describeOn = redis.missing === undefined ? describe : describe.skip;

async function connection() {
  const client = createClient({ url: await redis.url() });
  client.on("error", () => {});
  await client.connect();
  closing.push(() => client.destroy());
  return createNodeRedisClient(client);
}

describeOn(`logBullmq() on ${redis.title}`, () => {
  it("logs what becomes of jobs, until it is ended", async () => {
    const { logger, recorder, lines } = recordedLogger({ level: "debug" });
    const name = `logging-${randomUUID()}`;
    const queue = new Queue(name, { connection: await connection() });
    closing.push(
      () => queue.close(),
      () => queue.obliterate({ force: true }),
    );
    const worker = new Worker(
      name,
      async (job) => {
        if (job.name === "bad") throw new Error("bounced");
      },
      { connection: await connection() },
    );
    closing.push(() => worker.close());
    const stop = logBullmq(worker, logger);

    const completed = once(worker, "completed");
    await queue.add("good", { secret: "hunter2" });
    await completed;
    const failed = once(worker, "failed");
    const bad = await queue.add("bad", {});
    await failed;
    stop();
    const later = once(worker, "completed");
    await queue.add("good", {});
    await later;

    expect(lines()).toEqual([
      "debug bullmq job began",
      "debug bullmq job done",
      "debug bullmq job began",
      "error bullmq job failed",
    ]);
    expect(recorder.entries.at(-1)?.meta).toMatchObject({
      jobId: bad.id,
      job: "bad",
      queue: name,
      attempts: 1,
      error: { message: "bounced", stack: expect.any(String) },
    });
    expect(JSON.stringify(recorder.entries)).not.toContain("hunter2");
  }, 30_000);
});

describe("logBullmq()", () => {
  it("takes an error, so that it does not end the process, and a job that is gone", () => {
    const { logger, lines } = recordedLogger({ level: "debug" });
    const worker = new EventEmitter();
    const stop = logBullmq(worker, logger);
    worker.emit("error", new Error("no redis"));
    worker.emit("failed", undefined, new Error("gone"));
    worker.emit("stalled", "7");
    worker.emit("closed");
    stop();
    expect(lines()).toEqual([
      "error bullmq bullmq failed",
      "error bullmq job failed",
      "warn bullmq job stalled",
      "debug bullmq bullmq closed",
    ]);
    expect(worker.eventNames()).toEqual([]);
  });
});
