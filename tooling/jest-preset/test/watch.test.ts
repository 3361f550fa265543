import { resolve } from "node:path";

import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";

import { Watch } from "../watch.js";

const a = resolve("test/a.test.ts");
const b = resolve("test/b.test.ts");

let hangs: string[];

const watch = (options: object = {}) =>
  new Watch({ onHang: (message: string) => void hangs.push(message), ...options });

beforeEach(() => {
  jest.useFakeTimers();
  hangs = [];
});
afterEach(() => jest.useRealTimers());

describe("Watch", () => {
  it("reports a run that stands still, once, with the files that are still running", () => {
    const run = watch();
    run.take({ event: "begun", file: a });
    run.take({ event: "begun", file: b });
    jest.advanceTimersByTime(4 * 60_000);
    run.take({ event: "ended", file: a });
    jest.advanceTimersByTime(5 * 60_000 - 1);
    expect(hangs).toEqual([]);
    jest.advanceTimersByTime(1);
    const message =
      "infra-jest: no test file began or ended for 300 s; still running:\n  test/b.test.ts";
    expect(hangs).toEqual([message]);
    jest.advanceTimersByTime(60 * 60_000);
    expect(hangs).toEqual([message]);
  });

  it("reports a run that does not exit after its tests", () => {
    const run = watch();
    run.take({ event: "begun", file: a });
    run.take({ event: "ended", file: a });
    run.take({ event: "complete" });
    jest.advanceTimersByTime(20_000 - 1);
    expect(hangs).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(hangs).toEqual([
      expect.stringMatching(/^infra-jest: the tests ended 20 s ago and jest still runs: /),
    ]);
  });

  it("says nothing of a run that goes on and exits, however long it takes", () => {
    const run = watch();
    for (let file = 0; file < 20; file += 1) {
      run.take({ event: "begun", file: a });
      jest.advanceTimersByTime(4 * 60_000);
      run.take({ event: "ended", file: a });
    }
    run.take({ event: "complete" });
    jest.advanceTimersByTime(10_000);
    run.stop();
    jest.advanceTimersByTime(60 * 60_000);
    expect(hangs).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it("waits for as long as it is told to", () => {
    const run = watch({ standstillMs: 2000, exitMs: 1000 });
    run.take({ event: "begun", file: a });
    jest.advanceTimersByTime(2000);
    run.take({ event: "complete" });
    jest.advanceTimersByTime(1000);
    expect(hangs.map((message) => /\d+ s/.exec(message)?.[0])).toEqual(["2 s", "1 s"]);
  });
});
