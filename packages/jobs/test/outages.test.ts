import { findRedis, startRedis, until, type RedisServer } from "@infra/testing";
import { afterEach, describe, expect, it } from "@jest/globals";

import { calm } from "../src/bull/calm-backend.js";
import { loadBull } from "../src/bull/load-bull.js";
import { defineJob, JobsService, type JobsOptions } from "../src/index.js";

const present = findRedis() === undefined ? describe.skip : describe;
const mail = defineJob<number>("mail");
const opened: { stop(): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of opened.splice(0).toReversed()) await each.stop();
});

async function redis(): Promise<RedisServer> {
  const server = await startRedis();
  opened.push(server);
  return server;
}

function service(url: string, options: JobsOptions = {}): JobsService {
  const jobs = new JobsService({ url, callTimeout: "5s", abortGrace: "200ms", ...options });
  opened.push(jobs);
  return jobs;
}

present("with Redis gone", () => {
  it("Trap: stop() ends within its deadline, with a worker and with jobs that run", async () => {
    const server = await redis();
    const jobs = service(server.url);
    jobs.handle(mail, ({ signal }) => {
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    });
    await jobs.start();
    await jobs.enqueue(mail, 1);
    await until(() => jobs.stats().running === 1);
    await server.kill();
    const startedAt = performance.now();
    await jobs.stop({ signal: AbortSignal.timeout(500) });
    expect(performance.now() - startedAt).toBeLessThan(3_500);
  });

  it("Trap: stop() with nothing running does not wait for its deadline", async () => {
    const server = await redis();
    const jobs = service(server.url);
    jobs.handle(mail, () => {});
    await jobs.start();
    server.freeze();
    const startedAt = performance.now();
    await jobs.stop({ signal: AbortSignal.timeout(20_000) });
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    server.thaw();
  });

  it("start() says so, within callTimeout, and can be tried again", async () => {
    const server = await redis();
    await server.kill();
    const jobs = service(server.url, { startTimeout: "1s" });
    await expect(jobs.start()).rejects.toMatchObject({ code: "ERR_JOBS_ENGINE" });
    await expect(jobs.health()).resolves.toMatchObject({ status: "down" });
    await server.restart();
    await jobs.start();
    await expect(jobs.health()).resolves.toMatchObject({ status: "up" });
  });

  it("enqueue() on a frozen Redis is refused within its deadline, and works again when it thaws", async () => {
    const server = await redis();
    const jobs = service(server.url, { callTimeout: "500ms" });
    jobs.handle(mail, () => {});
    await jobs.start();
    server.freeze();
    const startedAt = performance.now();
    await expect(jobs.enqueue(mail, 1)).rejects.toMatchObject({
      code: "ERR_JOBS_ENGINE",
      retryable: true,
    });
    await expect(jobs.enqueue(mail, 1, { signal: AbortSignal.timeout(100) })).rejects.toMatchObject(
      { name: "TimeoutError" },
    );
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    server.thaw();
    const id = await jobs.enqueue(mail, 2);
    await jobs.result(id, { timeout: "5s" });
  });

  it("enqueue() waits for a Redis that comes back in time, and work goes on", async () => {
    const server = await redis();
    const jobs = service(server.url);
    const seen: number[] = [];
    jobs.handle(mail, ({ payload }) => void seen.push(payload));
    await jobs.start();
    await server.kill();
    const enqueued = jobs.enqueue(mail, 1);
    await server.restart();
    await enqueued;
    await until(() => seen.length > 0);
    expect(seen).toEqual([1]);
  });
});

describe("a backend that fails at once", () => {
  it("Trap: a worker of BullMQ with an error listener leaves the event loop to others", async () => {
    const bull = await loadBull();
    let asked = 0;
    const failing = calm(
      () =>
        ({
          on() {},
          once() {},
          waitUntilReady: () => Promise.resolve(),
          moveToActive() {
            asked += 1;
            return Promise.reject(
              new Error("BullMQ could not load the optional 'ioredis' package"),
            );
          },
          waitForJob: () => Promise.resolve(null),
          moveStalledJobsToWait: () => Promise.resolve([]),
          close: () => Promise.resolve(),
          disconnectBlocking: () => Promise.resolve(),
        }) as never,
    );
    const worker = new bull.Worker("test", async () => {}, { connection: {} }, failing);
    const errors: Error[] = [];
    worker.on("error", (error: Error) => errors.push(error));
    // with the loop starved this would never come
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThan(10);
    expect(errors.length).toBeGreaterThan(0);
    await worker.close(true);
  });
});
