import { fork } from "node:child_process";
import { once } from "node:events";
import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { sourceFlags } from "@infra/jest-preset/source-flags";
import { describe, expect, it } from "@jest/globals";

import { batch, FileCheckpoint, Pipeline, runBatch, type BatchProgress } from "../src/index.js";
import { rejection } from "./images.js";
import { temporaryFolder } from "./temporary-folder.js";

const numbers = Array.from({ length: 20 }, (_, at) => at);

function always(): never {
  throw new Error("always");
}

describe("runBatch()", () => {
  it("works through all items, so many at once, and reports those that fail", async () => {
    let active = 0;
    let most = 0;
    const work = async (item: number): Promise<number> => {
      most = Math.max(most, (active += 1));
      await new Promise(setImmediate);
      active -= 1;
      if (item % 7 === 3) throw new Error(`no ${item}`);
      return item * 2;
    };
    const results: string[] = [];
    const report = await runBatch(numbers, work, {
      concurrency: 3,
      onResult: ({ index, status }) => void results.push(`${index} ${status}`),
    });
    expect(most).toBe(3);
    expect(report).toMatchObject({ done: 17, failed: 3, skipped: 0 });
    expect(report.failures.map(({ item, error }) => [item, (error as Error).message])).toEqual([
      [3, "no 3"],
      [10, "no 10"],
      [17, "no 17"],
    ]);
    expect(results).toEqual(numbers.map((at) => `${at} ${at % 7 === 3 ? "failed" : "done"}`));
  });

  it("tells of its progress, and how long it will take", async () => {
    const told: BatchProgress[] = [];
    let time = 0;
    const clock = { now: () => time, monotonic: () => time, setTimeout: () => () => {} };
    const work = (): void => void (time += 100);
    await runBatch(numbers, work, { clock, concurrency: 1, onProgress: (each) => told.push(each) });
    expect(told).toHaveLength(20);
    expect(told[4]).toMatchObject({ done: 5, failed: 0, skipped: 0, total: 20 });
    expect(told.at(-1)).toMatchObject({ done: 20, remainingMs: 0 });
    expect(told[4]!.remainingMs).toBeGreaterThan(0);
  });

  it("ends with the signal, and tells the work", async () => {
    const controller = new AbortController();
    let told = 0;
    const running = runBatch(
      numbers,
      (_item, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => {
            told += 1;
            reject(signal.reason);
          });
        }),
      { signal: controller.signal, concurrency: 2 },
    );
    await new Promise(setImmediate);
    controller.abort(new Error("enough"));
    expect((await rejection(running)).message).toBe("enough");
    expect(told).toBe(2);
  });

  it("ends after more failures than it may have", async () => {
    const error = await rejection(runBatch(numbers, always, { maxFailures: 2, concurrency: 1 }));
    expect(error).toMatchObject({
      code: "ERR_PROCESSOR_LIMIT",
      details: { limit: "maxFailures", allowed: 2 },
    });
  });

  it("keeps no more failures than it is told to, and counts all", async () => {
    const report = await runBatch(numbers, always, { keepFailures: 2 });
    expect([report.failed, report.failures.length]).toEqual([20, 2]);
  });

  it("wants a key where there is a checkpoint", async () => {
    const checkpoint = new FileCheckpoint(join(await temporaryFolder(), "done"));
    const error = await rejection(runBatch(numbers, () => {}, { checkpoint }));
    expect(error.message).toContain("key must give a text for each item");
  });
});

describe("FileCheckpoint", () => {
  it("a batch that is run again does what failed and what is new", async () => {
    const checkpoint = new FileCheckpoint(join(await temporaryFolder(), "done"));
    const seen: number[] = [];
    const work = (item: number): void => {
      seen.push(item);
      if (item === 5 && seen.length < 15) throw new Error("the first time");
    };
    const options = { checkpoint, key: String };
    expect(await runBatch(numbers.slice(0, 10), work, options)).toMatchObject({
      done: 9,
      failed: 1,
    });
    seen.length = 0;
    seen.push(...Array(15).fill(-1));
    expect(await runBatch(numbers, work, options)).toMatchObject({
      done: 11,
      failed: 0,
      skipped: 9,
    });
    expect(seen.slice(15)).toEqual([5, ...numbers.slice(10)]);
    await checkpoint.clear();
    expect(await runBatch(numbers, () => {}, options)).toMatchObject({ done: 20, skipped: 0 });
  });

  it("passes over half a line, and goes on behind it", async () => {
    const path = join(await temporaryFolder(), "done");
    const checkpoint = new FileCheckpoint(path);
    await checkpoint.add("a\nb");
    await appendFile(path, '"half');
    const again = new FileCheckpoint(path);
    expect([...(await again.load())]).toEqual(["a\nb"]);
    await again.add("c");
    expect([...(await new FileCheckpoint(path).load())]).toEqual(["a\nb", "c"]);
  });

  it("knows what was done when the process is killed in the middle", async () => {
    const folder = await temporaryFolder();
    const program = fileURLToPath(new URL("./programs/batch.ts", import.meta.url));
    let done: string[] = [];
    for (let kill = 0; kill < 2; kill += 1) {
      const child = fork(program, [folder], { execArgv: [...sourceFlags] });
      const exit = once(child, "exit");
      let finished = 0;
      child.on("message", () => {
        finished += 1;
        if (finished === 10) child.kill("SIGKILL");
      });
      expect((await exit)[1]).toBe("SIGKILL");
    }
    const child = fork(program, [folder], { execArgv: [...sourceFlags] });
    const [last] = await Promise.all([once(child, "exit"), once(child, "disconnect")]);
    expect(last[0]).toBe(0);
    done = (await readFile(join(folder, "work.log"), "utf8")).trim().split("\n");
    expect(new Set(done).size).toBe(40);
    // twice at the most those that were under way at a kill: 4 each time
    expect(done.length).toBeLessThanOrEqual(40 + 2 * 4);
    expect(done.length).toBeGreaterThanOrEqual(40);
  });
});

describe("batch()", () => {
  it("is a stage: what fails goes on as a result", async () => {
    const pipeline = Pipeline.from(numbers.slice(0, 4)).pipe(
      "halve",
      batch((item: number) => {
        if (item % 2 === 1) throw new Error("odd");
        return item / 2;
      }),
    );
    const results = await pipeline.collect();
    expect(results.map((each) => (each.status === "done" ? each.value : each.status))).toEqual([
      0,
      "failed",
      1,
      "failed",
    ]);
  });
});
