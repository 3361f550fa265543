import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { sourceFlags } from "@infra/jest-preset/source-flags";
import { until } from "@infra/testing";
import { afterEach, describe, expect, it } from "@jest/globals";

import { defineJob, JobsService, sandboxed } from "../src/index.js";

const module = new URL("programs/poison.mjs", import.meta.url);
const opened: JobsService[] = [];

function service(): JobsService {
  const jobs = new JobsService({ url: "memory:", stopTimeout: "1s", concurrency: 4 });
  opened.push(jobs);
  return jobs;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((jobs) => jobs.stop()));
});

describe("sandboxed()", () => {
  it("runs the default export in a process of its own, with its result, progress and log", async () => {
    const jobs = service();
    const plain = defineJob<string, { pid: number; payload: string }>("plain");
    jobs.handle(plain, sandboxed(module));
    await jobs.start();
    const id = await jobs.enqueue(plain, "hello");
    const { pid, payload } = await jobs.result<{ pid: number; payload: string }>(id);
    expect(payload).toBe("hello");
    expect(pid).not.toBe(process.pid);
    await expect(jobs.admin.logs(id)).resolves.toEqual(["from the sandbox"]);
    await expect(jobs.admin.get(id)).resolves.toMatchObject({ progress: { half: true } });
    // the next one has the same process
    const again = await jobs.enqueue(plain, "again");
    await expect(jobs.result(again)).resolves.toMatchObject({ pid });
  });

  it.each([
    ["exit", "exited with 3"],
    ["memory", "before the job was done"],
    ["buffers", "was ended for taking more than 64 MB"],
    ["loop", "took longer than 700 ms"],
    ["throw", "thrown in the sandbox"],
  ])(
    "a job of poison (%s) is a dead letter after its attempts, beside good ones that are done",
    async (payload, message) => {
      const jobs = service();
      const poison = defineJob<string>("poison", {
        attempts: 2,
        backoff: { kind: "fixed", delay: 1 },
        timeout: payload === "loop" ? 700 : "20s",
      });
      const good = defineJob<number>("good");
      let done = 0;
      jobs.handle(poison, sandboxed(module, { memory: "64mb" }));
      jobs.handle(good, () => void (done += 1));
      await jobs.start();
      const id = await jobs.enqueue(poison, payload);
      await jobs.enqueueMany(
        good,
        Array.from({ length: 100 }, (_, each) => ({ payload: each })),
      );
      await until(() => done === 100, { timeoutMs: 20_000 });
      await expect(jobs.result(id, { timeout: "25s" })).rejects.toThrow(message);
      const [letter] = await jobs.admin.deadLetters();
      expect(letter).toMatchObject({ id, failures: payload === "throw" ? 1 : 2 });
    },
  );

  it("a job that is cancelled ends with its process", async () => {
    const jobs = service();
    const poison = defineJob<string>("poison");
    jobs.handle(poison, sandboxed(module));
    await jobs.start();
    const id = await jobs.enqueue(poison, "loop");
    await until(() => jobs.stats().running === 1);
    await jobs.cancel(id);
    await expect(jobs.result(id)).rejects.toThrow("was cancelled");
  });

  it("a job that loops for ever dies with the process that started it, however that ends", async () => {
    const program = fileURLToPath(new URL("programs/sandbox-owner.ts", import.meta.url));
    const owner = fork(program, { execArgv: [...sourceFlags] });
    const [pid] = (await once(owner, "message")) as [number];
    owner.kill("SIGKILL");
    await once(owner, "close");
    const isAlive = (): boolean => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    try {
      await until(() => !isAlive(), { timeoutMs: 15_000 });
      expect(isAlive()).toBe(false);
    } finally {
      if (isAlive()) process.kill(pid, "SIGKILL");
    }
  });

  it("refuses what is no URL of a file", () => {
    expect(() => sandboxed("./poison.mjs" as never)).toThrow("module must be a URL of a file");
  });
});
