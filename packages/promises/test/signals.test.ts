import { describe, expect, it } from "@jest/globals";

import { abortable, deferred, linkSignals } from "../src/index.js";
import { listenersOf, surfaceRejections } from "./watch.js";

describe("linkSignals()", () => {
  it("aborts with the first of the signals, with its reason, and lets go of the rest", () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const link = linkSignals(first.signal, undefined, second.signal);
    second.abort("why");
    expect([link.signal.aborted, link.signal.reason]).toEqual([true, "why"]);
    expect([listenersOf(first.signal), listenersOf(second.signal)]).toEqual([0, 0]);
  });

  it("is aborted from the start by a signal that is", () => {
    const { signal } = new AbortController();
    const link = linkSignals(signal, AbortSignal.abort("before"));
    expect([link.signal.reason, listenersOf(signal)]).toEqual(["before", 0]);
  });

  it("collects nothing on a signal that lives long", () => {
    const { signal } = new AbortController();
    for (let call = 0; call < 50; call++) linkSignals(signal)[Symbol.dispose]();
    expect(listenersOf(signal)).toBe(0);
  });
});

describe("abortable()", () => {
  it("gives the promise's outcome", async () => {
    const { signal } = new AbortController();
    expect(await abortable(Promise.resolve(7), { signal })).toBe(7);
    await expect(abortable(Promise.reject(new Error("no")), { signal })).rejects.toThrow("no");
    expect(listenersOf(signal)).toBe(0);
  });

  it("stops waiting when the signal aborts, and takes care of what comes later", async () => {
    const controller = new AbortController();
    const { promise, reject } = deferred<never>();
    const waiting = abortable(promise, { signal: controller.signal });
    controller.abort(new Error("left"));
    await expect(waiting).rejects.toThrow("left");
    reject(new Error("late"));
    await surfaceRejections();
    const { signal } = controller;
    await expect(abortable(Promise.reject(new Error("late")), { signal })).rejects.toThrow("left");
    await surfaceRejections();
    expect(listenersOf(signal)).toBe(0);
  });
});

describe("deferred()", () => {
  it("is settled from outside, once", async () => {
    const { promise, resolve, reject } = deferred<number>();
    resolve(7);
    reject(new Error("too late"));
    expect(await promise).toBe(7);
  });
});
