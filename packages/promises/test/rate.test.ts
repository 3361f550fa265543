import { ManualClock } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { debounce, throttle } from "../src/index.js";
import { surfaceRejections } from "./watch.js";

function recorder() {
  const clock = new ManualClock(0);
  const runs: [number, string][] = [];
  const fn = async (text: string): Promise<string> => {
    runs.push([clock.now(), text]);
    if (text === "bad") throw new Error("bad text");
    return text.toUpperCase();
  };
  return { clock, runs, fn };
}

describe("debounce()", () => {
  it("runs once nobody has called for a while, with the last arguments, for all", async () => {
    const { clock, runs, fn } = recorder();
    const search = debounce(fn, { wait: 100, clock });
    const results = [search("a")];
    await clock.advance(99);
    results.push(search("ab"));
    await clock.advance(99);
    expect(runs).toEqual([]);
    await clock.advance(1);
    expect(await Promise.all(results)).toEqual(["AB", "AB"]);
    expect([runs, clock.pending]).toEqual([[[199, "ab"]], 0]);
  });

  it("can be put off no longer than maxWait", async () => {
    const { clock, runs, fn } = recorder();
    const search = debounce(fn, { wait: 100, maxWait: 250, clock });
    for (const text of ["a", "b", "c", "d"]) {
      void search(text);
      await clock.advance(80);
    }
    expect(runs).toEqual([[250, "d"]]);
  });

  it("gives everybody the failure, and starts afresh", async () => {
    const { clock, fn } = recorder();
    const search = debounce(fn, { wait: 100, clock });
    const failing = search("bad");
    failing.catch(() => {});
    await clock.advance(100);
    await expect(failing).rejects.toThrow("bad text");
    const next = search("a");
    search.flush();
    expect([await next, clock.pending]).toEqual(["A", 0]);
  });

  it("cancel() calls the due run off", async () => {
    const { clock, runs, fn } = recorder();
    const search = debounce(fn, { wait: 100, clock });
    const due = search("a");
    search.cancel();
    await expect(due).rejects.toMatchObject({ name: "AbortError" });
    expect([runs, clock.pending]).toEqual([[], 0]);
    search.cancel();
    search.flush();
  });

  it("cancel() is no unhandled rejection for who called and forgot", async () => {
    const { clock, fn } = recorder();
    const search = debounce(fn, { wait: 100, clock });
    void search("a");
    search.cancel();
    await surfaceRejections();
    expect(clock.pending).toBe(0);
  });
});

describe("throttle()", () => {
  it("runs at once, and then once per interval with the last arguments", async () => {
    const { clock, runs, fn } = recorder();
    const save = throttle(fn, { interval: 100, clock });
    const results = [save("a"), save("b"), save("c")];
    await clock.advance(100);
    expect(await Promise.all(results)).toEqual(["A", "C", "C"]);
    void save("d");
    await clock.advance(100);
    void save("e");
    await clock.advance(300);
    void save("f");
    expect(runs).toEqual([
      [0, "a"],
      [100, "c"],
      [200, "d"],
      [300, "e"],
      [500, "f"],
    ]);
    expect(clock.pending).toBe(0);
  });

  it("flush() and cancel() end the wait for the next run", async () => {
    const { clock, runs, fn } = recorder();
    const save = throttle(fn, { interval: 100, clock });
    await save("a");
    const second = save("b");
    save.flush();
    expect(await second).toBe("B");
    const third = save("c");
    save.cancel();
    await expect(third).rejects.toMatchObject({ name: "AbortError" });
    expect([runs.length, clock.pending]).toEqual([2, 0]);
  });
});
