import { settle } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { deferred, SingleFlight } from "../src/index.js";
import { hangs, listenersOf, surfaceRejections } from "./watch.js";

async function fail(): Promise<number> {
  throw new Error("down");
}

describe("SingleFlight", () => {
  it("shares one piece of work between calls for the same key", async () => {
    const flights = new SingleFlight<string, number>();
    const gate = deferred();
    let calls = 0;
    const work = async (): Promise<number> => {
      await gate.promise;
      return ++calls;
    };
    const results = ["a", "a", "b"].map((key) => flights.run(key, work));
    expect([flights.size, flights.has("a")]).toEqual([2, true]);
    gate.resolve();
    expect(await Promise.all(results)).toEqual([1, 1, 2]);
    expect(flights.size).toBe(0);
  });

  it("keeps no result: a later call works again", async () => {
    const flights = new SingleFlight<string, number>();
    let calls = 0;
    expect(await flights.run("a", () => ++calls)).toBe(1);
    expect(await flights.run("a", () => ++calls)).toBe(2);
  });

  it("gives a failure to everybody, and to nobody after them", async () => {
    const flights = new SingleFlight<string, number>();
    const results = await Promise.allSettled([flights.run("a", fail), flights.run("a", fail)]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await flights.run("a", () => 7)).toBe(7);
  });

  it("lets one caller leave without ending the work of the others", async () => {
    const flights = new SingleFlight<string, number>();
    const gate = deferred<number>();
    const controller = new AbortController();
    let signal!: AbortSignal;
    const leaving = flights.run(
      "a",
      (context) => {
        signal = context.signal;
        return gate.promise;
      },
      { signal: controller.signal },
    );
    const staying = flights.run("a", () => 0);
    controller.abort(new Error("left"));
    await expect(leaving).rejects.toThrow("left");
    expect([signal.aborted, listenersOf(controller.signal)]).toEqual([false, 0]);
    gate.resolve(7);
    expect(await staying).toBe(7);
  });

  it("aborts the work when the last caller has left, and leaves no unhandled rejection", async () => {
    const flights = new SingleFlight<string, number>();
    const controllers = [new AbortController(), new AbortController()];
    let signal!: AbortSignal;
    const work = (context: { readonly signal: AbortSignal }): Promise<never> => {
      signal = context.signal;
      return hangs(context);
    };
    const calls = controllers.map((each) => flights.run("a", work, { signal: each.signal }));
    const outcome = Promise.allSettled(calls);
    controllers[0]!.abort();
    await settle();
    expect(signal.aborted).toBe(false);
    const why = new Error("nobody left");
    controllers[1]!.abort(why);
    await outcome;
    expect([signal.aborted, signal.reason, flights.size]).toEqual([true, why, 0]);
    expect(await flights.run("a", () => 7)).toBe(7);
    await surfaceRejections();
  });

  it("does not abort what has settled: the result may still hang on the signal", async () => {
    const flights = new SingleFlight<string, AbortSignal>();
    const signal = await flights.run("a", async (context) => context.signal);
    await settle();
    expect(signal.aborted).toBe(false);
  });

  it("forget() lets the next call start afresh", async () => {
    const flights = new SingleFlight<string, number>();
    const gate = deferred<number>();
    const old = flights.run("a", () => gate.promise);
    flights.forget("a");
    expect(await flights.run("a", () => 2)).toBe(2);
    gate.resolve(1);
    expect(await old).toBe(1);
  });
});
