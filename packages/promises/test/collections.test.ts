import { settle } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";
import { expectTypeOf } from "expect-type";

import {
  allConcurrent,
  deferred,
  filterConcurrent,
  mapIterable,
  settleConcurrent,
} from "../src/index.js";
import { listenersOf, surfaceRejections } from "./watch.js";

describe("settleConcurrent()", () => {
  it("says what became of each, in order, and lets none end the others", async () => {
    const results = await settleConcurrent([3, 1, 2], async (turns) => {
      for (let turn = 0; turn < turns; turn++) await settle();
      if (turns !== 2) throw new Error(`item ${turns}`);
      return turns;
    });
    expect(results).toMatchObject([
      { status: "rejected", reason: { message: "item 3" } },
      { status: "rejected", reason: { message: "item 1" } },
      { status: "fulfilled", value: 2 },
    ]);
  });
});

describe("filterConcurrent()", () => {
  it("keeps the items that the test holds for, in order", async () => {
    const even = filterConcurrent([1, 2, [4], 3, 4], async (item) => Number(item) % 2 === 0);
    expect(await even).toEqual([2, [4], 4]);
  });
});

describe("allConcurrent()", () => {
  it("gives each result in its place, with its type", async () => {
    const results = await allConcurrent([async () => 7, () => "seven"]);
    expectTypeOf(results).toEqualTypeOf<[number, string]>();
    expect(results).toEqual([7, "seven"]);
  });

  it("aborts the others with the first failure", async () => {
    let reason: unknown;
    const failing = allConcurrent([
      ({ signal }) => {
        signal.addEventListener("abort", () => (reason = signal.reason));
        return deferred<never>().promise;
      },
      async () => Promise.reject(new Error("no")),
    ]);
    await expect(failing).rejects.toThrow("no");
    expect(reason).toMatchObject({ message: "no" });
  });
});

async function* numbers(closed?: () => void): AsyncGenerator<number> {
  try {
    for (let at = 0; ; at++) yield at;
  } finally {
    closed?.();
  }
}

async function* stuck(): AsyncGenerator<number> {
  await deferred<never>().promise;
  yield 1;
}

describe("mapIterable()", () => {
  it("keeps the order, and runs so many at a time", async () => {
    let running = 0;
    let most = 0;
    const seen: number[] = [];
    const results = mapIterable(
      new Set([5, 1, 4, 2, 3]),
      async (turns) => {
        most = Math.max(most, ++running);
        for (let turn = 0; turn < turns; turn++) await settle();
        running--;
        return turns;
      },
      { concurrency: 3 },
    );
    for await (const result of results) seen.push(result);
    expect([seen, most]).toEqual([[5, 1, 4, 2, 3], 3]);
  });

  it("does not run ahead of the one who reads", async () => {
    let taken = 0;
    const results = mapIterable(numbers(), () => ++taken, { concurrency: 2 });
    expect(await results.next()).toEqual({ done: false, value: 1 });
    await surfaceRejections();
    expect(taken).toBeLessThanOrEqual(3);
    await results.return();
  });

  it("gives a result as soon as it is there, though the source is slow", async () => {
    const gate = deferred();
    async function* slow() {
      yield 1;
      await gate.promise;
      yield 2;
    }
    const results = mapIterable(slow(), (value) => value);
    expect(await results.next()).toEqual({ done: false, value: 1 });
    gate.resolve();
    expect(await results.next()).toEqual({ done: false, value: 2 });
    expect(await results.next()).toEqual({ done: true, value: undefined });
  });

  it("aborts what is under way and closes the source when nobody reads on", async () => {
    let closed = false;
    const signals: AbortSignal[] = [];
    const mine = new AbortController().signal;
    const source = numbers(() => (closed = true));
    const results = mapIterable(
      source,
      (value, _index, { signal }) => {
        signals.push(signal);
        return value === 0 ? value : deferred<never>().promise;
      },
      { signal: mine },
    );
    for await (const result of results) {
      expect(result).toBe(0);
      break;
    }
    await settle();
    expect([closed, signals[0]!.aborted, listenersOf(mine)]).toEqual([true, true, 0]);
  });

  it("throws the error of the item whose turn it is, and leaves no unhandled rejection", async () => {
    let closed = false;
    const results = mapIterable(
      numbers(() => (closed = true)),
      async (value) => {
        if (value > 0) throw new Error(`item ${value}`);
        return value;
      },
      { concurrency: 3 },
    );
    expect(await results.next()).toEqual({ done: false, value: 0 });
    await expect(results.next()).rejects.toThrow("item 1");
    await surfaceRejections();
    expect(closed).toBe(true);
  });

  it("ends with the signal's reason, though neither source nor mapper listens", async () => {
    const controller = new AbortController();
    const results = mapIterable(stuck(), (value) => value, { signal: controller.signal });
    const next = results.next();
    next.catch(() => {});
    await settle();
    controller.abort(new Error("the client left"));
    await expect(next).rejects.toThrow("the client left");
    expect(listenersOf(controller.signal)).toBe(0);
  });
});
