import { settle } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { deferred, mapConcurrent } from "../src/index.js";
import { listenersOf, surfaceRejections } from "./watch.js";

async function* stream(values: readonly number[], closed?: () => void) {
  try {
    for (const value of values) {
      await settle();
      yield value;
    }
  } finally {
    closed?.();
  }
}

function* counted(values: readonly number[], closed: () => void) {
  try {
    yield* values;
  } finally {
    closed();
  }
}

function* broken() {
  yield 1;
  throw new Error("cannot read on");
}

function fail(): never {
  throw new Error("no");
}

const ten = Array.from({ length: 10 }, (_, at) => at);

describe.each([
  ["an iterable", (values: readonly number[]) => new Set(values)],
  ["an async iterable", (values: readonly number[]) => stream(values)],
])("mapConcurrent() over %s", (_name, source) => {
  it("keeps the order of the items, whatever finishes first", async () => {
    const result = await mapConcurrent(source(ten), async (value) => {
      for (let turn = 10; turn > value; turn--) await settle();
      return value * 2;
    });
    expect(result).toEqual(ten.map((value) => value * 2));
  });

  it.each([1, 3, 10, 50, Infinity])("runs %p at a time, and uses them", async (concurrency) => {
    let running = 0;
    let most = 0;
    await mapConcurrent(
      source(ten),
      async () => {
        most = Math.max(most, ++running);
        for (let turn = 0; turn < 30; turn++) await settle();
        running--;
      },
      { concurrency },
    );
    expect(most).toBe(Math.min(10, concurrency));
  });

  it("gives nothing for nothing", async () => {
    expect(await mapConcurrent(source([]), () => 1)).toEqual([]);
  });

  it("rejects with the first failure, aborts the others and begins no further", async () => {
    const begun: number[] = [];
    const reasons: unknown[] = [];
    const error = new Error("the third");
    const result = mapConcurrent(
      source(ten),
      async (value, _index, { signal }) => {
        begun.push(value);
        signal.addEventListener("abort", () => reasons.push(signal.reason));
        for (let turn = 0; turn < 20; turn++) await settle();
        if (value === 2) throw error;
        await deferred<never>().promise;
      },
      { concurrency: 4 },
    );
    await expect(result).rejects.toBe(error);
    expect(begun).toEqual([0, 1, 2, 3]);
    expect(reasons).toEqual([error, error, error, error]);
  });

  it("leaves no unhandled rejection when others fail after the first", async () => {
    const result = mapConcurrent(source(ten), async (value) => {
      for (let turn = 0; turn < value; turn++) await settle();
      throw new Error(`item ${value}`);
    });
    await expect(result).rejects.toThrow("item 0");
    await surfaceRejections();
  });

  it("ends with the signal's reason, though no mapper listens", async () => {
    const controller = new AbortController();
    const result = mapConcurrent(source(ten), () => deferred<never>().promise, {
      signal: controller.signal,
    });
    result.catch(() => {});
    await settle();
    controller.abort(new Error("the client left"));
    await expect(result).rejects.toThrow("the client left");
    expect(listenersOf(controller.signal)).toBe(0);
  });

  it("leaves no listener on a signal that outlives it", async () => {
    const { signal } = new AbortController();
    await mapConcurrent(source(ten), (value) => value, { signal });
    expect(listenersOf(signal)).toBe(0);
  });
});

describe("mapConcurrent()", () => {
  it("takes items only as they are needed", async () => {
    let taken = 0;
    function* source() {
      for (;;) yield taken++;
    }
    const result = mapConcurrent(source(), () => deferred<never>().promise, { concurrency: 3 });
    result.catch(() => {});
    await settle();
    expect(taken).toBe(3);
  });

  it("asks an async iterable for one item at a time", async () => {
    let asked = 0;
    let most = 0;
    let left = 5;
    const source: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        async next() {
          most = Math.max(most, ++asked);
          await settle();
          asked--;
          return left-- > 0 ? { done: false, value: left } : { done: true, value: undefined };
        },
      }),
    };
    expect(await mapConcurrent(source, (value) => value)).toEqual([4, 3, 2, 1, 0]);
    expect(most).toBe(1);
  });

  it("closes the iterable on failure", async () => {
    const closed: string[] = [];
    const sync = mapConcurrent(
      counted(ten, () => closed.push("sync")),
      fail,
    );
    await expect(sync).rejects.toThrow("no");
    const async = mapConcurrent(
      stream(ten, () => closed.push("async")),
      fail,
    );
    await expect(async).rejects.toThrow("no");
    await settle();
    expect(closed).toEqual(["sync", "async"]);
  });

  it("rejects with the failure, though the iterable can't be closed", async () => {
    const stubborn: Iterable<number> = {
      [Symbol.iterator]: () => ({
        next: () => ({ done: false, value: 1 }),
        return: () => fail(),
      }),
    };
    const failing = mapConcurrent(stubborn, async () => Promise.reject(new Error("the mapper")));
    await expect(failing).rejects.toThrow("the mapper");

    const controller = new AbortController();
    function* aborting() {
      yield 1;
      // closing a generator that runs is a TypeError
      controller.abort(new Error("from within"));
      yield 2;
    }
    const { signal } = controller;
    const aborted = mapConcurrent(aborting(), settle, { signal, concurrency: 1 });
    await expect(aborted).rejects.toThrow("from within");
    await surfaceRejections();
  });

  it("rejects with the error of the iterable", async () => {
    await expect(mapConcurrent(broken(), (value) => value)).rejects.toThrow("cannot read on");
  });

  it("does not begin when the signal has aborted before", async () => {
    const signal = AbortSignal.abort(new Error("gone"));
    await expect(mapConcurrent([1], () => expect(1).toBe(2), { signal })).rejects.toThrow("gone");
  });

  it("refuses a concurrency of nothing", async () => {
    await expect(mapConcurrent([1], () => 1, { concurrency: 0 })).rejects.toThrow(
      new RangeError("mapConcurrent: concurrency must be a whole number >= 1, got 0"),
    );
  });
});
