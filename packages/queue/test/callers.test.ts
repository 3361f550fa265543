import { AsyncLocalStorage } from "node:async_hooks";

import { ManualClock, settle } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { WorkQueue, type QueueEvent } from "../src/index.js";
import { gated } from "./gated.js";

describe("WorkQueue contexts", () => {
  const storage = new AsyncLocalStorage<string>();

  it("Trap: an operation runs in the context of who added it, not of who made room", async () => {
    const seen: (string | undefined)[][] = [];
    const queue = new WorkQueue<string>({
      concurrency: 2,
      handle: async (item) => {
        const before = storage.getStore();
        await settle();
        seen.push([item, before, storage.getStore()]);
      },
    });
    const added = ["a", "b", "c", "d", "e"].map((item) =>
      storage.run(`context of ${item}`, () => queue.add(item)),
    );
    await Promise.all([...added, queue.add("none")]);
    expect(seen).toEqual([
      ...["a", "b", "c", "d", "e"].map((item) => [
        item,
        `context of ${item}`,
        `context of ${item}`,
      ]),
      ["none", undefined, undefined],
    ]);
  });

  it("also at its next attempt, and for who resumes the queue", async () => {
    const clock = new ManualClock();
    const seen: (string | undefined)[] = [];
    const queue = new WorkQueue<string>(
      {
        attempts: 2,
        backoff: { initial: 0 },
        handle: (_item, { attempt }) => {
          seen.push(storage.getStore());
          if (attempt === 1) throw new Error("again");
        },
      },
      { clock },
    );
    queue.pause();
    const added = storage.run("mine", () => queue.add("x"));
    storage.run("another's", () => queue.resume());
    await storage.run("a third's", () => clock.advance(0));
    await added;
    expect(seen).toEqual(["mine", "mine"]);
  });
});

describe("WorkQueue signals", () => {
  it("Trap: no listener is left on a long-lived signal", async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const listen = signal.addEventListener.bind(signal);
    const unlisten = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<AbortSignal["addEventListener"]>) => {
      listeners += 1;
      listen(...args);
    };
    signal.removeEventListener = (...args: Parameters<AbortSignal["removeEventListener"]>) => {
      listeners -= 1;
      unlisten(...args);
    };
    const queue = new WorkQueue<number>({
      handle: (item) => {
        if (item % 2 === 1) throw new Error("odd");
      },
    });
    await Promise.allSettled([1, 2, 3, 4].map((item) => queue.add(item, { signal })));
    expect(listeners).toBe(0);
  });

  it("takes an item back between two attempts, and clears its timer", async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const queue = new WorkQueue<string>(
      {
        attempts: 2,
        handle: () => {
          throw new Error("x");
        },
      },
      { clock, random: () => 0.5 },
    );
    const added = queue.add("x", { signal: controller.signal });
    await settle();
    expect(clock.pending).toBe(1);
    controller.abort(new Error("enough"));
    await expect(added).rejects.toThrow("enough");
    expect(clock.pending).toBe(0);
    expect(queue.size).toBe(0);
    await queue.onIdle();
  });
});
describe("WorkQueue events and stats", () => {
  it("subscribe() tells what happens, and a listener that throws changes nothing", async () => {
    const clock = new ManualClock();
    const events: QueueEvent<string>[] = [];
    const queue = new WorkQueue<string>(
      {
        concurrency: 1,
        attempts: 2,
        backoff: { initial: 0 },
        handle: (item) => {
          if (item === "bad") throw new Error("bad");
        },
      },
      { clock },
    );
    queue.subscribe(() => {
      throw new Error("listener");
    });
    const stop = queue.subscribe((event) => events.push(event));
    await queue.add("good", { key: "k", priority: 1 });
    const bad = queue.add("bad").catch((thrown: Error) => thrown.message);
    await clock.advance(0);
    expect(await bad).toBe("bad");
    stop();
    await queue.add("good");
    const item = { item: "bad", key: undefined };
    const error = expect.objectContaining({ message: "bad" });
    expect(events).toEqual([
      { type: "added", item: "good", key: "k", priority: 1 },
      { type: "started", item: "good", key: "k", attempt: 1, waitedMs: 0 },
      { type: "succeeded", item: "good", key: "k", attempt: 1 },
      { type: "idle" },
      { type: "added", ...item, priority: 0 },
      { type: "started", ...item, attempt: 1, waitedMs: 0 },
      { type: "retrying", ...item, attempt: 1, error, delayMs: 0 },
      { type: "started", ...item, attempt: 2, waitedMs: 0 },
      { type: "failed", ...item, attempt: 2, error },
      { type: "idle" },
    ]);
  });

  it("stats() and health() say how it stands", async () => {
    const clock = new ManualClock();
    const { queue, letAllGo } = gated({ concurrency: 1, maxWaiting: 2 }, clock);
    for (const item of ["a", "b", "c"]) void queue.add(item);
    await queue.add("d").catch(() => {});
    await clock.advance(500);
    expect(queue.stats()).toEqual({
      added: 3,
      joined: 0,
      succeeded: 0,
      failed: 0,
      retried: 0,
      refused: 1,
      dropped: 0,
      cancelled: 0,
      recovered: 0,
      operations: 1,
      waiting: 2,
      delayed: 0,
      running: 1,
      blocked: 0,
      deadLetters: 0,
      oldestMs: 500,
    });
    expect(await queue.health()).toMatchObject({
      status: "degraded",
      message: "the queue is full: 2 items wait",
    });
    await letAllGo();
    expect(await queue.health()).toMatchObject({ status: "up", details: { waiting: 0 } });
    await queue.stop();
    expect((await queue.health()).status).toBe("down");
  });
});
