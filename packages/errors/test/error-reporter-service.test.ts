import { EventEmitter, once } from "node:events";

import { ManualClock } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import {
  ErrorReporterService,
  fingerprint,
  InfraError,
  type ErrorReport,
  type ErrorReporterOptions,
} from "../src/index.js";

function setUp(options: Partial<ErrorReporterOptions> = {}) {
  const clock = new ManualClock(0);
  const reports: ErrorReport[] = [];
  const sink = (report: ErrorReport): void => void reports.push(report);
  const reporter = new ErrorReporterService({ sink, ...options }, { clock });
  return { clock, reports, reporter, counts: () => reports.map(({ count }) => count) };
}

const bare = (message: string): Error => Object.assign(new Error(message), { stack: "" });
const failure = (id: number): Error => new Error(`user ${id} was not found`);

const kind = (code: string): InfraError => new InfraError(code, { code });
function boom(): never {
  throw new Error("no");
}

describe("report()", () => {
  it("sends the first of a kind at once, and counts the rest until the window ends", async () => {
    const { clock, reporter, reports, counts } = setUp();
    for (let id = 1; id <= 5; id += 1) reporter.report(failure(id), { id });
    expect(counts()).toEqual([1]);
    await clock.advance(60_000);
    expect(counts()).toEqual([1, 4]);
    expect(reports[1]).toMatchObject({ context: { id: 5 }, at: 0 });
    expect((reports[1]!.error as Error).message).toBe("user 5 was not found");
    await clock.advance(60_000);
    expect([counts(), reporter.stats().kinds, clock.pending]).toEqual([[1, 4], 0, 0]);
    reporter.report(failure(6));
    expect(counts()).toEqual([1, 4, 1]);
  });

  it("tells kinds apart", () => {
    const { reporter, counts } = setUp();
    reporter.report(failure(1));
    reporter.report(new InfraError("x", { code: "ERR_A" }));
    reporter.report(new InfraError("x", { code: "ERR_B" }));
    reporter.report("text");
    reporter.report(undefined);
    expect(counts()).toEqual([1, 1, 1, 1, 1]);
  });

  it("sends no more than the rate allows, and counts what it held back", async () => {
    const { clock, reporter, counts } = setUp({ rateLimit: 2, dedupeWindow: "2m" });
    for (const code of ["a", "b", "c", "d", "c"]) reporter.report(new InfraError("x", { code }));
    expect([counts(), reporter.stats().dropped]).toEqual([[1, 1], 2]);
    await clock.advance(120_000);
    expect(counts()).toEqual([1, 1, 2, 1]);
  });

  it("keeps a bounded number of reports that a sink hangs with", async () => {
    const gate = new EventEmitter();
    const sink = async (): Promise<void> => void (await once(gate, "open"));
    const { reporter } = setUp({ sink, maxPending: 2 });
    for (const code of ["a", "b", "c"]) reporter.report(kind(code));
    expect(reporter.stats()).toMatchObject({ pending: 2, dropped: 1 });
    gate.emit("open");
    await reporter.stop();
    // the one that there was no room for is told when it stops, or counted
    expect(reporter.stats()).toMatchObject({ pending: 0, sent: 2, dropped: 2 });
  });

  it("never throws, whatever the sink, the fingerprint or the error does", async () => {
    const { reporter } = setUp({ sink: boom, fingerprint: boom });
    const rejecting = setUp({ sink: async () => boom() }).reporter;
    const hostile = new Proxy(new Error("x"), { get: boom, has: boom, getPrototypeOf: boom });
    for (const each of [reporter, rejecting, setUp({ sink: boom }).reporter]) {
      each.report(hostile);
      await each.stop();
      expect(each.stats()).toMatchObject({ received: 1, sent: 0, failed: 1, pending: 0 });
    }
  });

  it("ends when a sink reports what it fails at", () => {
    const reporter: ErrorReporterService = new ErrorReporterService({
      sink: ({ error }) => reporter.report(error),
    });
    const error = failure(1);
    reporter.report(error);
    expect(reporter.stats()).toMatchObject({ received: 2, kinds: 1 });
  });

  it("remembers a bounded number of kinds", () => {
    const { reporter, reports, clock } = setUp({ maxKinds: 2, rateLimit: 100 });
    for (const code of ["a", "a", "b", "c"]) reporter.report(kind(code));
    expect(reports.map(({ error, count }) => [(error as InfraError).code, count])).toEqual([
      ["a", 1],
      ["b", 1],
      ["c", 1],
      ["a", 1],
    ]);
    expect([reporter.stats().kinds, clock.pending]).toEqual([2, 2]);
  });
});

describe("stop()", () => {
  it("reports what was counted and waits for the sink", async () => {
    const gate = new EventEmitter();
    const sink = async (): Promise<void> => void (await once(gate, "open"));
    const { reporter, clock } = setUp({ sink });
    reporter.report(failure(1));
    reporter.report(failure(2));
    const stopping = reporter.stop();
    expect(reporter.stats()).toMatchObject({ pending: 2, kinds: 0 });
    gate.emit("open");
    await stopping;
    expect([reporter.stats().sent, clock.pending]).toEqual([2, 0]);
  });

  it("gives a sink that hangs up when the signal is aborted", async () => {
    const { reporter } = setUp({ sink: () => new Promise(() => {}) });
    reporter.report(failure(1));
    const controller = new AbortController();
    const stopping = reporter.stop({ signal: controller.signal });
    controller.abort();
    await stopping;
    expect(reporter.stats().pending).toBe(1);
  });
});

describe("ErrorReporterService", () => {
  it.each([
    [{ sink: "x" }, "sink must be a function, got string"],
    [{ sink: () => {}, rateLimit: Number.NaN }, "rateLimit must be at least 1, got NaN"],
    [{ sink: () => {}, maxKinds: 0 }, "maxKinds must be at least 1, got 0"],
    [
      { sink: () => {}, dedupeWindow: -1 },
      "ErrorReporterService: dedupeWindow must be milliseconds",
    ],
  ])("refuses %p", (options, message) => {
    expect(() => new ErrorReporterService(options as unknown as ErrorReporterOptions)).toThrow(
      message,
    );
  });
});

describe("fingerprint()", () => {
  it("is the same for one place, another for another", () => {
    const from = (): string => fingerprint(failure(Math.random()));
    expect(from()).not.toBe(fingerprint(failure(Math.random())));
    expect(new Set(Array.from({ length: 3 }, () => fingerprint(failure(Math.random())))).size).toBe(
      1,
    );
  });

  it("goes by the message without its numbers where there is no stack", () => {
    const id = "3f2a9c04-88aa-4b1c-9d7e-0242ac120002";
    expect(fingerprint(bare(`user 7 has no "a" in ${id}`))).toBe(
      fingerprint(bare(`user 88 has no "bc" in ${id.replaceAll("3", "4")}`)),
    );
    expect(fingerprint(bare("a"))).not.toBe(fingerprint(bare("b")));
    expect(fingerprint(bare("a"))).not.toBe(
      fingerprint(Object.assign(bare("a"), { cause: bare("c") })),
    );
  });
});
