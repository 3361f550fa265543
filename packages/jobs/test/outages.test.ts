import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { sourceFlags } from "@infra/jest-preset/source-flags";
import { findRedis, startRedis, until, type RedisServer } from "@infra/testing";
import { afterEach, describe, expect, it } from "@jest/globals";

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

const sockets = (): number =>
  process.getActiveResourcesInfo().filter((each) => each === "TCPSocketWrap").length;

// Deadlines are short, and what is expected is far from both: what happens with no deadline is that nothing ever ends.
const longMs = 15_000;

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
    await until(() => jobs.stats().running === 1, { timeoutMs: longMs });
    await server.kill();
    const startedAt = performance.now();
    await jobs.stop({ signal: AbortSignal.timeout(500) });
    expect(performance.now() - startedAt).toBeLessThan(longMs);
  }, 60_000);

  it("Trap: stop() with nothing running does not wait for its deadline, and leaves no connection open", async () => {
    const server = await redis();
    const before = sockets();
    const jobs = service(server.url);
    jobs.handle(mail, () => {});
    await jobs.start();
    server.freeze();
    const startedAt = performance.now();
    await jobs.stop({ signal: AbortSignal.timeout(50_000) });
    expect(performance.now() - startedAt).toBeLessThan(longMs);
    await until(() => sockets() <= before);
    server.thaw();
  }, 90_000);

  it("start() says so, within startTimeout, and can be tried again", async () => {
    const server = await redis();
    server.freeze();
    const late = service(server.url, { startTimeout: "500ms" });
    const startedAt = performance.now();
    await expect(late.start()).rejects.toMatchObject({ code: "ERR_JOBS_ENGINE" });
    expect(performance.now() - startedAt).toBeLessThan(longMs);
    server.thaw();
    await server.kill();
    const jobs = service(server.url, { startTimeout: longMs });
    await expect(jobs.start()).rejects.toMatchObject({ code: "ERR_JOBS_ENGINE" });
    await expect(jobs.health()).resolves.toMatchObject({ status: "down" });
    await server.restart();
    await jobs.start();
    await expect(jobs.health()).resolves.toMatchObject({ status: "up" });
  }, 60_000);

  it("enqueue() on a frozen Redis is refused within its deadline, and works again when it thaws", async () => {
    const server = await redis();
    const jobs = service(server.url, { callTimeout: "500ms" });
    const seen = new Set<number>();
    jobs.handle(mail, ({ payload }) => void seen.add(payload));
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
    expect(performance.now() - startedAt).toBeLessThan(longMs);
    server.thaw();
    // on a machine that has much to do half a second is short for the first ones too
    await until(() => jobs.enqueue(mail, 2, { id: "two" }).then(Boolean, () => false), {
      timeoutMs: longMs,
    });
    await until(() => seen.has(2), { timeoutMs: longMs });
  }, 60_000);

  it("enqueue() waits for a Redis that comes back in time, and work goes on", async () => {
    const server = await redis();
    const jobs = service(server.url, { callTimeout: longMs });
    const seen: number[] = [];
    jobs.handle(mail, ({ payload }) => void seen.push(payload));
    await jobs.start();
    await server.kill();
    const enqueued = jobs.enqueue(mail, 1);
    await server.restart();
    await enqueued;
    await until(() => seen.length > 0, { timeoutMs: longMs });
    expect(seen).toEqual([1]);
  }, 60_000);
});

describe("a backend that fails at once", () => {
  it("Trap: a worker of BullMQ with an error listener leaves the event loop to others", async () => {
    // in a process of its own: a loop that is starved would starve the test's own deadline too
    const program = fileURLToPath(new URL("programs/failing-worker.ts", import.meta.url));
    const child = fork(program, { execArgv: [...sourceFlags], env: { PATH: process.env["PATH"] } });
    try {
      const signal = AbortSignal.timeout(30_000);
      const [seen] = (await once(child, "message", { signal })) as [Record<string, number>];
      expect(seen["errors"]).toBeGreaterThan(0);
      expect(seen["asked"]).toBeGreaterThan(0);
      expect(seen["asked"]).toBeLessThan(10);
    } finally {
      child.kill("SIGKILL");
    }
  }, 40_000);
});
