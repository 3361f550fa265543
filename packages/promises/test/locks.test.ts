import { settle } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { deferred, KeyedMutex, Mutex, Semaphore } from "../src/index.js";
import { listenersOf } from "./watch.js";

describe("Semaphore", () => {
  it("hands a released permit to the next in line, not to who comes in between", async () => {
    const semaphore = new Semaphore({ permits: 1 });
    const first = await semaphore.acquire();
    const second = semaphore.acquire();
    first.release();
    expect(semaphore.tryAcquire()).toBeUndefined();
    (await second).release();
    expect(semaphore.active).toBe(0);
  });

  it("counts a permit that is released twice once", async () => {
    const semaphore = new Semaphore({ permits: 1 });
    const permit = await semaphore.acquire();
    permit.release();
    permit.release();
    expect(semaphore.active).toBe(0);
    const again = semaphore.tryAcquire();
    permit.release();
    expect([again === undefined, semaphore.active]).toEqual([false, 1]);
  });

  it("takes a caller out of the middle of the line", async () => {
    const semaphore = new Semaphore({ permits: 1 });
    const first = await semaphore.acquire();
    const controllers = [1, 2, 3].map(() => new AbortController());
    const waiting = controllers.map(({ signal }) => semaphore.acquire({ signal }));
    controllers[1]!.abort(new Error("left"));
    await expect(waiting[1]).rejects.toThrow("left");
    expect(semaphore.waiting).toBe(2);
    first.release();
    (await waiting[0]!).release();
    (await waiting[2]!).release();
    expect([semaphore.active, semaphore.waiting]).toEqual([0, 0]);
    expect(controllers.map(({ signal }) => listenersOf(signal))).toEqual([0, 0, 0]);
  });
});

describe("Mutex", () => {
  it("lets one in at a time", async () => {
    const mutex = new Mutex();
    let balance = 0;
    await Promise.all(
      Array.from({ length: 20 }, () =>
        mutex.run(async () => {
          const before = balance;
          await settle();
          balance = before + 1;
        }),
      ),
    );
    expect([balance, mutex.locked, mutex.waiting]).toEqual([20, false, 0]);
  });

  it("is released by `using`", async () => {
    const mutex = new Mutex();
    {
      using lock = await mutex.acquire();
      expect([typeof lock.release, mutex.locked, mutex.tryAcquire()]).toEqual([
        "function",
        true,
        undefined,
      ]);
    }
    expect(mutex.locked).toBe(false);
  });
});

describe("KeyedMutex", () => {
  it("keeps callers of one key apart, and lets others by", async () => {
    const mutex = new KeyedMutex<string>();
    const gate = deferred();
    const order: string[] = [];
    const first = mutex.run("a", async () => {
      await gate.promise;
      order.push("a1");
    });
    const second = mutex.run("a", () => void order.push("a2"));
    await mutex.run("b", () => void order.push("b"));
    gate.resolve();
    await Promise.all([first, second]);
    expect(order).toEqual(["b", "a1", "a2"]);
  });

  it("forgets a key that nobody holds or waits for", async () => {
    const mutex = new KeyedMutex<number>();
    const held = await mutex.acquire(1);
    const controller = new AbortController();
    const waiting = mutex.acquire(1, { signal: controller.signal });
    controller.abort(new Error("left"));
    await expect(waiting).rejects.toThrow("left");
    await expect(
      mutex.run(2, () => {
        throw new Error("failed");
      }),
    ).rejects.toThrow("failed");
    expect([mutex.size, mutex.isLocked(1), mutex.isLocked(2)]).toEqual([1, true, false]);
    held.release();
    held.release();
    expect(mutex.size).toBe(0);
  });
});
