import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

import type { Clock } from "@infra/interfaces";
import { sourceFlags } from "@infra/jest-preset/source-flags";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import { Files, LocalFileSystem, MemoryFileSystem } from "../src/index.js";
import { thisProcess } from "../src/process-identity.js";
import { untilTrue } from "./contract/workspace.js";

describe("Files.lock()", () => {
  let directory: string;
  let children: ChildProcess[];
  const files = new Files();
  const path = () => join(directory, "index");
  beforeEach(async () => {
    directory = await fs.mkdtemp(join(tmpdir(), "lock-"));
    children = [];
  });
  afterEach(async () => {
    for (const child of children) child.kill("SIGKILL");
    await fs.rm(directory, { recursive: true });
  });

  /** A lock as another process would have left it. */
  const leave = async (owner: object, name = "other", modifiedAt = new Date()) => {
    await fs.mkdir(`${path()}.lock`);
    const file = join(`${path()}.lock`, name);
    await fs.writeFile(file, JSON.stringify(owner));
    await fs.utimes(file, modifiedAt, modifiedAt);
  };

  /** A process that holds the lock until it is killed. */
  const holder = async () => {
    const program = `
      import { Files } from ${JSON.stringify(new URL("../src/index.ts", import.meta.url).href)};
      await new Files().lock(${JSON.stringify(path())});
      console.log("locked");
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, [...sourceFlags, "--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    await once(child.stdout, "data");
    return child;
  };

  it("keeps other processes out, names the holder, and survives its kill -9", async () => {
    const child = await holder();
    await expect(files.lock(path())).rejects.toMatchObject({
      code: "ERR_FILES_LOCKED",
      status: 409,
      retryable: true,
      message: expect.stringContaining(`process ${child.pid} on ${hostname()}`),
      details: { pid: child.pid },
    });
    child.kill("SIGKILL");
    await once(child, "exit");
    await using lock = await files.lock(path());
    expect(lock.signal.aborted).toBe(false);
  }, 30_000);

  const describeOnLinux = process.platform === "linux" ? describe : describe.skip;
  describeOnLinux("where the system tells when a process was started", () => {
    it("takes over from a later process with the pid of the holder", async () => {
      await leave({ ...(await thisProcess()), started: "1", since: "earlier" });
      await using lock = await files.lock(path());
      expect(await fs.readdir(directory)).toEqual(["index.lock"]);
      expect(lock.path).toBe(path());
    });
  });

  it("does not judge a process of another machine by its pid, only by its heartbeat", async () => {
    const owner = { pid: 2 ** 22 + 1, host: "elsewhere", realm: "elsewhere", since: "earlier" };
    await leave(owner);
    await expect(files.lock(path())).rejects.toMatchObject({ details: { host: "elsewhere" } });
    await fs.rm(`${path()}.lock`, { recursive: true });
    await leave(owner, "other", new Date(Date.now() - 31_000));
    await using lock = await files.lock(path());
    expect(lock.signal.aborted).toBe(false);
  });

  it("counts a holder's file that it can't read, and an empty lock, as what they are", async () => {
    await leave({ something: "else" });
    await expect(files.lock(path())).rejects.toThrow("is locked by somebody");
    await fs.rm(`${path()}.lock`, { recursive: true });
    await fs.mkdir(`${path()}.lock`);
    await using lock = await files.lock(path());
    expect(lock.signal.aborted).toBe(false);
  });

  it("lets exactly one of many take over a stale lock", async () => {
    await leave({ ...(await thisProcess()), pid: 2 ** 22 + 1, since: "earlier" });
    const rivals = await Promise.allSettled(
      Array.from({ length: 20 }, () => new Files(new LocalFileSystem()).lock(path())),
    );
    const won = rivals.filter((rival) => rival.status === "fulfilled");
    expect(won).toHaveLength(1);
    expect(await fs.readdir(directory)).toEqual(["index.lock"]);
    await won[0]!.value.release();
    expect(await fs.readdir(directory)).toEqual([]);
  });

  it("tells a holder whose lock was taken over, whose release then leaves the next one's alone", async () => {
    const clock = steppedClock();
    const memory = new MemoryFileSystem({}, { clock });
    await memory.makeDirectory("/box");
    const slow = await new Files(memory, { clock }).lock("/box/a", { staleAfter: "10s" });
    // its heartbeat does not come
    clock.step(10_001, { run: false });
    const next = await new Files(memory, { clock }).lock("/box/a", { staleAfter: "10s" });
    clock.step(0, { run: true });
    await untilTrue(async () => slow.signal.aborted);
    expect(slow.signal.reason).toMatchObject({ code: "ERR_FILES_LOCK_LOST" });
    await slow.release();
    await expect(new Files(memory, { clock }).lock("/box/a")).rejects.toMatchObject({
      code: "ERR_FILES_LOCKED",
    });
    await next.release();
    expect(await new Files(memory).list("/box")).toEqual([]);
  });

  it("keeps its lock by its heartbeat, however long it holds it", async () => {
    const clock = steppedClock();
    const memory = new MemoryFileSystem({}, { clock });
    await memory.makeDirectory("/box");
    const lock = await new Files(memory, { clock }).lock("/box/a", { staleAfter: "10s" });
    for (let beat = 0; beat < 20; beat += 1) {
      const timers = clock.pending();
      clock.step(2500, { run: true });
      // the next beat is planned when this one is done
      await untilTrue(async () => clock.pending() === timers);
    }
    await expect(
      new Files(memory, { clock }).lock("/box/a", { staleAfter: "10s" }),
    ).rejects.toMatchObject({ code: "ERR_FILES_LOCKED" });
    await lock.release();
    expect(clock.pending()).toBe(0);
    expect(lock.signal.aborted).toBe(false);
  });

  it("refuses a staleAfter that no heartbeat could keep", async () => {
    await expect(files.lock(path(), { staleAfter: 50 })).rejects.toThrow(
      "staleAfter must be at least 100 ms; got 50",
    );
  });
});

/** A clock that stands still until it is moved. */
function steppedClock(): Clock & {
  step: (byMs: number, options: { readonly run: boolean }) => void;
  pending: () => number;
} {
  let now = 1_000_000;
  const timers = new Set<{ at: number; callback: () => void }>();
  return {
    now: () => now,
    monotonic: () => now,
    setTimeout(callback, delayMs) {
      const timer = { at: now + delayMs, callback };
      timers.add(timer);
      return () => {
        timers.delete(timer);
      };
    },
    pending: () => timers.size,
    step(byMs, { run }) {
      now += byMs;
      for (const timer of run ? timers : []) {
        if (timer.at > now) continue;
        timers.delete(timer);
        timer.callback();
      }
    },
  };
}
