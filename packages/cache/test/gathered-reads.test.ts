import { describe, expect, it } from "@jest/globals";

import { GatheredReads } from "../src/gathered-reads.js";

function open(): { reads: GatheredReads; asked: (string | readonly string[])[]; fail: () => void } {
  const asked: (string | readonly string[])[] = [];
  let underWay = 0;
  let broken = false;
  const answer = async <T>(question: string | readonly string[], value: T): Promise<T> => {
    asked.push(question);
    underWay += 1;
    await new Promise((resolve) => setImmediate(resolve));
    underWay -= 1;
    if (broken) throw new Error("broken");
    return value;
  };
  const reads = new GatheredReads({
    busy: () => underWay > 0,
    one: (key) => answer(key, `value of ${key}`),
    many: (keys) =>
      answer(
        keys,
        keys.map((key) => `value of ${key}`),
      ),
  });
  return { reads, asked, fail: () => (broken = true) };
}

describe("GatheredReads", () => {
  it("asks at once for one, and together for those that come while it is under way", async () => {
    const { reads, asked } = open();
    const all = await Promise.all(["a", "b", "c"].map((key) => reads.get(key)));
    expect(all).toEqual(["value of a", "value of b", "value of c"]);
    expect(asked).toEqual(["a", ["b", "c"]]);
    expect(await reads.get("d")).toBe("value of d");
    expect(asked.at(-1)).toBe("d");
  });

  it("asks for a hundred at a time at the most", async () => {
    const { reads, asked } = open();
    const keys = Array.from({ length: 251 }, (_, at) => `${at}`);
    expect(await Promise.all(keys.map((key) => reads.get(key)))).toHaveLength(251);
    expect(asked.map((each) => (typeof each === "string" ? 1 : each.length))).toEqual([
      1, 100, 100, 50,
    ]);
  });

  it("a failure reaches all who asked", async () => {
    const { reads, fail } = open();
    fail();
    const outcomes = await Promise.allSettled(["a", "b", "c"].map((key) => reads.get(key)));
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  });
});
