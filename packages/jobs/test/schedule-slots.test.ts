import { describe, expect, it } from "@jest/globals";

import { dueSlots, nextSlot, slotRule } from "../src/schedule-slots.js";
import { slotsToRun } from "../src/scheduler.js";

const at = (text: string): number => Date.parse(text);
const iso = (ms: number): string => new Date(ms).toISOString();

/** The slots between two times. */
function slots(cron: string, timeZone: string, from: string, to: string): string[] {
  const rule = slotRule({ cron, timeZone });
  const found: string[] = [];
  for (let slot = nextSlot(rule, at(from)); slot <= at(to); slot = nextSlot(rule, slot)) {
    found.push(iso(slot));
  }
  return found;
}

describe("nextSlot()", () => {
  it("every: multiples of the time, the same in every process", () => {
    const rule = slotRule({ every: "15m" });
    expect(iso(nextSlot(rule, at("2030-01-01T10:07:13Z")))).toBe("2030-01-01T10:15:00.000Z");
    expect(iso(nextSlot(rule, at("2030-01-01T10:15:00Z")))).toBe("2030-01-01T10:30:00.000Z");
  });

  it("cron: in its time zone, UTC without one", () => {
    expect(slots("0 3 * * *", "UTC", "2030-01-01T00:00Z", "2030-01-02T12:00Z")).toEqual([
      "2030-01-01T03:00:00.000Z",
      "2030-01-02T03:00:00.000Z",
    ]);
    expect(slots("0 3 * * *", "Asia/Tokyo", "2030-01-01T00:00Z", "2030-01-02T00:00Z")).toEqual([
      "2030-01-01T18:00:00.000Z",
    ]);
    expect(slots("*/20 * * * * *", "UTC", "2030-01-01T00:00Z", "2030-01-01T00:01Z")).toHaveLength(
      3,
    );
  });

  it("the clock is put forward: a slot in the hour that is left out comes once, when it is over", () => {
    // Berlin, 2030-03-31: 02:00 becomes 03:00
    const days = slots("30 2 * * *", "Europe/Berlin", "2030-03-30T00:00Z", "2030-04-01T12:00Z");
    expect(days).toHaveLength(3);
    expect(days[0]).toBe("2030-03-30T01:30:00.000Z");
    expect(["2030-03-31T01:00:00.000Z", "2030-03-31T01:30:00.000Z"]).toContain(days[1]);
    expect(days[2]).toBe("2030-04-01T00:30:00.000Z");
  });

  it("the clock is put back: a slot in the hour that comes twice comes once", () => {
    // Berlin, 2030-10-27: 03:00 becomes 02:00
    const days = slots("30 2 * * *", "Europe/Berlin", "2030-10-26T00:00Z", "2030-10-28T12:00Z");
    expect(days).toHaveLength(3);
    expect(days[0]).toBe("2030-10-26T00:30:00.000Z");
    expect(["2030-10-27T00:30:00.000Z", "2030-10-27T01:30:00.000Z"]).toContain(days[1]);
    expect(days[2]).toBe("2030-10-28T01:30:00.000Z");
  });

  it("every hour stays every hour on both days", () => {
    for (const day of ["2030-03-31", "2030-10-27"]) {
      const found = slots("0 * * * *", "Europe/Berlin", `${day}T00:00Z`, `${day}T12:00Z`).map(at);
      const gaps = found.slice(1).map((slot, index) => slot - found[index]!);
      expect(new Set(gaps)).toEqual(new Set([3_600_000]));
    }
  });
});

describe("dueSlots()", () => {
  it("gives what came since, and the one after", () => {
    const rule = slotRule({ cron: "0 * * * *" });
    const { due, nextMs } = dueSlots(rule, at("2030-01-01T01:00Z"), at("2030-01-01T03:30Z"));
    expect(due.map(iso)).toEqual([
      "2030-01-01T01:00:00.000Z",
      "2030-01-01T02:00:00.000Z",
      "2030-01-01T03:00:00.000Z",
    ]);
    expect(iso(nextMs)).toBe("2030-01-01T04:00:00.000Z");
    const every = dueSlots(
      slotRule({ every: "1h" }),
      at("2030-01-01T01:00Z"),
      at("2030-01-01T03:30Z"),
    );
    expect(every).toEqual({ due, nextMs });
  });

  it("of a year of seconds gives the last thousand, soon", () => {
    for (const rule of [slotRule({ cron: "* * * * * *" }), slotRule({ every: "1s" })]) {
      const { due, nextMs } = dueSlots(rule, at("2030-01-01T00:00Z"), at("2031-01-01T00:00Z"));
      expect(due).toHaveLength(1_000);
      expect(nextMs).toBe(at("2031-01-01T00:00:01Z"));
      expect(due.toSorted((a, b) => a - b)).toEqual(due);
    }
  });
});

describe("slotsToRun()", () => {
  const now = at("2030-01-01T03:30Z");
  const missed = ["2030-01-01T01:00Z", "2030-01-01T02:00Z", "2030-01-01T03:00Z"].map(at);
  const inTime = [...missed, now - 1_000];

  it("follows the policy for what was missed", () => {
    expect(slotsToRun(missed, now, "once")).toEqual([missed[2]]);
    expect(slotsToRun(missed, now, "skip")).toEqual([]);
    expect(slotsToRun(missed, now, "all")).toEqual(missed);
    expect(slotsToRun(inTime, now, "skip")).toEqual([inTime[3]]);
    expect(
      slotsToRun(
        Array.from({ length: 500 }, (_, each) => each),
        now,
        "all",
      ),
    ).toHaveLength(100);
  });
});

describe("slotRule()", () => {
  it.each([
    [{}, "needs either cron or every"],
    [{ cron: "* * * * *", every: "1m" }, "needs either cron or every"],
    [{ cron: "* * *" }, 'cron must have five or six fields, got "* * *"'],
    [{ cron: "61 * * * *" }, "cron can't be read"],
    [{ cron: "* * * * *", timeZone: "Nowhere" }, "timeZone must be a name of IANA"],
    [{ every: "10ms" }, "every must be at least 1s, got 10ms"],
  ])("%j is refused", (options, message) => {
    expect(() => slotRule(options)).toThrow(message);
  });
});
