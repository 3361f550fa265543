import { settle } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { deferred, limiter, QueueFullError } from "../src/index.js";
import { listenersOf } from "./watch.js";

describe("limiter()", () => {
  it("runs so many at a time, first come first served", async () => {
    const limit = limiter({ concurrency: 2 });
    const gates = [deferred(), deferred(), deferred()];
    const begun: number[] = [];
    const all = gates.map(async (gate, at) => {
      await limit(() => {
        begun.push(at);
        return gate.promise;
      });
    });
    await settle();
    expect([begun, limit.active, limit.waiting]).toEqual([[0, 1], 2, 1]);
    gates[1]!.resolve();
    await settle();
    expect(begun).toEqual([0, 1, 2]);
    for (const gate of gates) gate.resolve();
    await Promise.all(all);
    expect([limit.active, limit.waiting]).toEqual([0, 0]);
  });

  it("goes on after work that throws, synchronously or not", async () => {
    const limit = limiter({ concurrency: 1 });
    const thrown = limit(() => {
      throw new Error("at once");
    });
    await expect(thrown).rejects.toThrow("at once");
    await expect(limit(async () => Promise.reject(new Error("later")))).rejects.toThrow("later");
    expect(await limit(() => 7)).toBe(7);
  });

  it("refuses who comes when as many wait as may", async () => {
    const limit = limiter({ concurrency: 1, maxWaiting: 1 });
    const gate = deferred();
    const running = [limit(() => gate.promise), limit(() => {})];
    const error: unknown = await limit(() => {}).catch((thrown: unknown) => thrown);
    expect(QueueFullError.is(error)).toBe(true);
    expect(error).toMatchObject({
      code: "ERR_PROMISES_QUEUE_FULL",
      status: 503,
      retryable: true,
      details: { concurrency: 1, maxWaiting: 1 },
    });
    gate.resolve();
    await Promise.all(running);
  });

  it("lets a caller leave the queue by its signal", async () => {
    const limit = limiter({ concurrency: 1 });
    const gate = deferred();
    const controller = new AbortController();
    const { signal } = controller;
    const first = limit(() => gate.promise);
    const order: string[] = [];
    const leaving = limit(() => void order.push("left"), { signal });
    const staying = limit(() => void order.push("stayed"));
    controller.abort(new Error("no more"));
    await expect(leaving).rejects.toThrow("no more");
    expect([limit.waiting, listenersOf(signal)]).toEqual([1, 0]);
    gate.resolve();
    await Promise.all([first, staying]);
    expect(order).toEqual(["stayed"]);
  });

  it("hands the signal to the work, and leaves no listener on it", async () => {
    const limit = limiter({ concurrency: 1 });
    const { signal } = new AbortController();
    const seen = await Promise.all(
      [1, 2, 3].map(() => limit((context) => context.signal, { signal })),
    );
    expect(seen).toEqual([signal, signal, signal]);
    expect(listenersOf(signal)).toBe(0);
  });

  it.each([
    [{ concurrency: 0 }, "limiter: concurrency must be a whole number >= 1, got 0"],
    [{ concurrency: 1, maxWaiting: -1 }, "limiter: maxWaiting must be a whole number >= 0, got -1"],
  ])("refuses %p", (options, message) => {
    expect(() => limiter(options)).toThrow(new RangeError(message));
  });
});
