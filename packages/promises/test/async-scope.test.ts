import { describe, expect, it } from "@jest/globals";

import { AsyncScope, deferred } from "../src/index.js";
import { hangs, listenersOf, surfaceRejections } from "./watch.js";

async function leave(): Promise<void> {
  await using scope = new AsyncScope();
  scope.spawn(async () => Promise.reject(new Error("lost otherwise")));
  await surfaceRejections();
}

describe("AsyncScope", () => {
  it("aborts what is under way when it is left, and waits until it has stopped", async () => {
    const { signal: outer } = new AbortController();
    let stopped = false;
    {
      await using scope = new AsyncScope({ signal: outer });
      scope.spawn(async (context) => {
        await hangs(context).catch(() => (stopped = true));
      });
      expect(await scope.run(() => 7)).toBe(7);
      expect(scope.size).toBe(1);
    }
    expect([stopped, listenersOf(outer)]).toEqual([true, 0]);
  });

  it("join() waits for the work by itself, that begun meanwhile included", async () => {
    const scope = new AsyncScope();
    const order: string[] = [];
    const gate = deferred();
    scope.spawn(async () => {
      await gate.promise;
      scope.spawn(async () => void order.push("inner"));
      order.push("outer");
    });
    gate.resolve();
    await scope.join();
    expect([order, scope.size]).toEqual([["inner", "outer"], 0]);
  });

  it("aborts the rest when work fails, and throws the failure of spawned work once", async () => {
    const scope = new AsyncScope();
    const failure = new Error("the watcher broke");
    scope.spawn(({ signal }) => {
      signal.throwIfAborted();
      return new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    });
    scope.spawn(async () => Promise.reject(failure));
    await expect(scope.join()).rejects.toBe(failure);
    expect(scope.signal.reason).toBe(failure);
    await expect(scope.run(() => 1)).rejects.toBe(failure);
    await scope[Symbol.asyncDispose]();
    await surfaceRejections();
  });

  it("throws the failure of spawned work when it is left", async () => {
    await expect(leave()).rejects.toThrow("lost otherwise");
  });

  it("takes being told to stop for no failure, and anything else for one", async () => {
    const outer = new AbortController();
    const scope = new AsyncScope({ signal: outer.signal });
    scope.spawn(({ signal }) => {
      return new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    });
    outer.abort(new Error("shutting down"));
    await scope[Symbol.asyncDispose]();
    const untidy = new AsyncScope();
    untidy.spawn(hangs);
    await expect(untidy[Symbol.asyncDispose]()).rejects.toThrow("stopped late");
  });

  it("takes no work after it was left", async () => {
    const scope = new AsyncScope();
    await scope[Symbol.asyncDispose]();
    await expect(scope.run(() => 1)).rejects.toThrow(TypeError);
    expect(() => scope.spawn(() => 1)).toThrow(TypeError);
  });
});
