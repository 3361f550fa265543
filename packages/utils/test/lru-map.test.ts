import { fc } from "@infra/jest-preset/fast-check";
import { describe, expect, it } from "@jest/globals";

import { LruMap } from "../src/index.js";

describe("LruMap", () => {
  it("forgets what has not been used for longest", () => {
    const evicted: unknown[] = [];
    const map = new LruMap<string, number>({
      max: 2,
      onEvict: (key, value) => evicted.push([key, value]),
    });
    map.set("a", 1).set("b", 2);
    map.get("a");
    map.peek("b");
    map.set("c", 3);
    expect([map.has("a"), map.has("b"), evicted]).toEqual([true, false, [["b", 2]]]);
    map.set("a", 9);
    expect([...map]).toEqual([
      ["c", 3],
      ["a", 9],
    ]);
  });

  it("holds undefined, and never more than its bound", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 20 })), fc.integer({ min: 1, max: 5 }), (keys, max) => {
        const map = new LruMap<number, undefined>({ max });
        for (const key of keys) {
          map.set(key, undefined);
          expect(map.has(key)).toBe(true);
          expect(map.size).toBeLessThanOrEqual(max);
        }
        const latest = [...new Set(keys.toReversed())].slice(0, max).toReversed();
        expect(Array.from(map, ([key]) => key)).toEqual(latest);
      }),
    );
  });

  it("refuses a bound of nothing", () => {
    expect(() => new LruMap({ max: 0 })).toThrow("LruMap: max must be a whole number >= 1, got 0");
  });
});
