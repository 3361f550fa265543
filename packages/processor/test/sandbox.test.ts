import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { sourceFlags } from "@infra/jest-preset/source-flags";
import { afterEach, describe, expect, it } from "@jest/globals";

import { Sandbox, type SandboxOptions } from "../src/index.js";
import { rejection } from "./images.js";
import { temporaryFolder } from "./temporary-folder.js";

type Work = typeof import("./programs/work.js");

const made: Sandbox<Work>[] = [];
afterEach(async () => {
  for (const each of made.splice(0)) await each.stop();
});

function sandbox(options: Partial<SandboxOptions> = {}): Sandbox<Work> {
  const module = new URL("./programs/work.ts", import.meta.url);
  const box = new Sandbox<Work>({ module, execArgv: sourceFlags, ...options });
  made.push(box);
  return box;
}

describe("Sandbox.run()", () => {
  it("runs a function in another process, with copies of what goes in and out", async () => {
    const box = sandbox();
    expect(await box.run("add", [1, 2])).toBe(3);
    expect(await box.run("pid", [])).not.toBe(process.pid);
    const bytes = new Uint8Array([1, 2, 3]);
    expect(await box.run("reversed", [bytes])).toEqual(new Uint8Array([3, 2, 1]));
    expect(bytes).toEqual(new Uint8Array([1, 2, 3]));
    expect(box.processes).toBe(1);
  });

  it("gives the error that the function threw", async () => {
    const error = await rejection(sandbox().run("fail", ["it broke"]));
    expect(error).toMatchObject({ name: "RangeError", message: "it broke" });
    const missing = await rejection(sandbox().run("nothing" as never, [] as never));
    expect(missing.message).toContain('exports no function "nothing"');
    const uncopyable = await rejection(sandbox().run("aFunction", []));
    expect(uncopyable.message).toContain("could not be cloned");
  });

  it("kills what loops for ever, and goes on with another process", async () => {
    const box = sandbox();
    const pid = await box.run("pid", []);
    const error = await rejection(box.run("loop", [], { timeout: "200ms" }));
    expect(error).toMatchObject({ code: "ERR_PROCESSOR_TIMEOUT", details: { timeoutMs: 200 } });
    expect(await box.run("pid", [])).not.toBe(pid);
  });

  it("kills what fills the memory, of JavaScript and of native buffers", async () => {
    const box = sandbox({ memory: "200mb" });
    for (const kind of ["objects", "buffers"] as const) {
      const error = await rejection(box.run("fill", [kind]));
      expect(error).toMatchObject({
        code: "ERR_PROCESSOR_SANDBOX_MEMORY",
        details: { memoryBytes: 200 * 1024 ** 2 },
      });
    }
    expect(await box.run("add", [1, 2])).toBe(3);
  });

  it("outlives a crash", async () => {
    const box = sandbox();
    expect(await rejection(box.run("exit", [7]))).toMatchObject({
      code: "ERR_PROCESSOR_SANDBOX_CRASHED",
      details: { exitCode: 7 },
    });
    expect(await rejection(box.run("abort", []))).toMatchObject({
      details: { killedBy: "SIGABRT" },
    });
    expect(await box.run("add", [1, 2])).toBe(3);
  });

  it("kills the process when the signal aborts", async () => {
    const box = sandbox();
    const controller = new AbortController();
    const call = box.run("loop", [], { signal: controller.signal });
    const reason = new Error("nobody waits");
    controller.abort(reason);
    expect(await rejection(call)).toBe(reason);
    expect(await box.run("add", [1, 2])).toBe(3);
  });

  it("keeps the environment of this process outside", async () => {
    expect(await sandbox().run("environment", [])).toEqual([]);
    expect(await sandbox({ env: { MODE: "test" } }).run("environment", [])).toEqual(["MODE"]);
  });

  it("runs so many at once, lets so many wait, and refuses the rest", async () => {
    const box = sandbox({ concurrency: 2, maxWaiting: 1 });
    const calls = [0, 1, 2].map(() => box.run("pid", []));
    expect(await rejection(box.run("pid", []))).toMatchObject({ code: "ERR_PROCESSOR_BUSY" });
    const pids = await Promise.all(calls);
    expect(new Set(pids).size).toBe(2);
  });

  it("replaces a process after maxCalls", async () => {
    const box = sandbox({ maxCalls: 2 });
    const pids = [];
    for (let call = 0; call < 4; call += 1) pids.push(await box.run("pid", []));
    expect(pids[1]).toBe(pids[0]);
    expect(pids[2]).not.toBe(pids[1]);
  });

  it("stop() ends calls under way, and all processes", async () => {
    const box = sandbox();
    const call = rejection(box.run("loop", []));
    await box.stop();
    expect(await call).toMatchObject({ code: "ERR_PROCESSOR_STOPPED" });
    expect(box.processes).toBe(0);
    expect(await rejection(box.run("pid", []))).toMatchObject({ code: "ERR_PROCESSOR_STOPPED" });
  });

  it("what loops for ever dies with the process that started it, however that ends", async () => {
    const program = fileURLToPath(new URL("./programs/sandbox-owner.ts", import.meta.url));
    const file = join(await temporaryFolder(), "begun");
    const owner = fork(program, [file], { execArgv: [...sourceFlags] });
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
    const until = performance.now() + 15_000;
    while (isAlive() && performance.now() < until) await setImmediate();
    expect(isAlive()).toBe(false);
  });

  it("refuses options that can't be", () => {
    expect(() => sandbox({ module: "./work.js" })).toThrow("module must be a URL of a file");
    expect(() => sandbox({ memory: "1mb" })).toThrow("memory must be a whole number from 33554432");
    expect(() => sandbox({ concurrency: 0 })).toThrow("concurrency must be a whole number from 1");
  });
});
