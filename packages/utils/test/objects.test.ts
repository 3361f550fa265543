import { runInNewContext } from "node:vm";

import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";

import {
  assertNever,
  deepFreeze,
  diff,
  equal,
  hash,
  isDefined,
  isOneOf,
  isPlainObject,
  isPromiseLike,
  LruMap,
  merge,
  omit,
  patch,
  PatchFailedError,
  pick,
  stableStringify,
  type PatchOperation,
} from "../src/index.js";

const json = () => fc.jsonValue({ maxDepth: 4 });
const list = () => fc.array(fc.record({ id: fc.nat({ max: 5 }), tags: fc.array(fc.boolean()) }));
const object = () => fc.dictionary(fc.string(), json());

/** The same value with the properties of its objects the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, each]) => [key, reversed(each)]),
  );
}

function cycle(): unknown {
  const one: Record<string, unknown> = { map: new Map([["a", new Set([1])]]) };
  return Object.assign(one, { self: one });
}

describe("equal()", () => {
  it("compares content, however deep and whatever the order of properties", () => {
    fc.assert(fc.property(json(), (value) => expect(equal(value, reversed(value))).toBe(true)));
    expect(equal(cycle(), cycle())).toBe(true);
    expect([equal(Number.NaN, Number.NaN), equal({ a: undefined }, {})]).toEqual([true, false]);
  });
});

describe("merge()", () => {
  it("merges objects in depth, and takes anything else as a whole", () => {
    const base = { pool: { min: 0, max: 10 }, tags: ["a"], at: new Date(0) };
    const over = { pool: { max: 20 }, tags: ["b"], at: undefined };
    expect(merge(base, over)).toEqual({
      pool: { min: 0, max: 20 },
      tags: ["b"],
      at: new Date(0),
    });
    expect(base.pool.max).toBe(10);
  });

  it.each(['{"__proto__":{"polluted":1}}', '{"constructor":{"prototype":{"polluted":1}}}'])(
    "lets %s from outside reach no prototype",
    (text) => {
      const hostile = JSON.parse(text) as object;
      for (const result of [
        merge({}, hostile),
        merge(hostile, {}),
        merge({ a: hostile }, { a: hostile }),
      ]) {
        expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
        expect((result as { polluted?: unknown }).polluted).toBeUndefined();
        expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
      }
    },
  );

  it("leaves both inputs as they were, and shares no object with them", () => {
    fc.assert(
      fc.property(object(), object(), (base, over) => {
        const before = structuredClone([base, over]);
        const result = merge(base, over);
        expect([base, over]).toEqual(before);
        const shared = Object.entries(result as Record<string, unknown>).filter(
          ([key, value]) => isPlainObject(value) && (value === base[key] || value === over[key]),
        );
        expect(shared).toEqual([]);
      }),
    );
  });

  it("gives what was merged over precedence, and merging again changes nothing", () => {
    fc.assert(
      fc.property(object(), object(), (base, over) => {
        // which merge() leaves out
        fc.pre(!JSON.stringify([base, over]).includes("__proto__"));
        const once = merge(base, over);
        expect(merge(once, over)).toEqual(once);
        expect(merge(over, over)).toEqual(over);
      }),
    );
  });
});

describe("diff() and patch()", () => {
  it("turn any value into any other", () => {
    fc.assert(
      fc.property(json(), json(), (from, to) => {
        // which patch() refuses
        fc.pre(!JSON.stringify([from, to]).includes("__proto__"));
        expect(equal(patch(from, diff(from, to)), to)).toBe(true);
      }),
    );
  });

  it("turn lists into others with items put in, taken out and changed", () => {
    fc.assert(
      fc.property(list(), list(), (from, to) => {
        expect(patch(from, diff(from, to))).toEqual(to);
        expect(diff(from, from)).toEqual([]);
      }),
    );
  });

  it("names what differs", () => {
    expect(diff({ a: 1, b: [1, 2, 3], "c/d": {} }, { a: 2, b: [1, 3], e: 5 })).toEqual([
      { op: "replace", path: "/a", value: 2 },
      { op: "remove", path: "/b/1" },
      { op: "remove", path: "/c~1d" },
      { op: "add", path: "/e", value: 5 },
    ]);
  });

  it("diff() of long lists that differ everywhere takes no more than their length", () => {
    const from = Array.from({ length: 20_000 }, (_, at) => at);
    expect(
      diff(
        from,
        from.map((each) => each + 1),
      ),
    ).toHaveLength(20_000);
  });

  it("patch() knows every operation of RFC 6902", () => {
    const operations: PatchOperation[] = [
      { op: "test", path: "/a/0", value: 1 },
      { op: "add", path: "/a/-", value: 3 },
      { op: "copy", from: "/a", path: "/b" },
      { op: "move", from: "/a/0", path: "/first" },
      { op: "replace", path: "/b/1", value: { x: [] } },
      { op: "add", path: "/a/0", value: 0 },
    ];
    expect(patch({ a: [1, 2] }, operations)).toEqual({
      a: [0, 2, 3],
      b: [1, { x: [] }, 3],
      first: 1,
    });
    expect(patch({ a: 1 }, [{ op: "replace", path: "", value: 7 }])).toBe(7);
  });

  it.each<[string, PatchOperation]>([
    ["a missing path", { op: "remove", path: "/b" }],
    ["a missing parent", { op: "add", path: "/b/c", value: 1 }],
    ["an index beyond the end", { op: "add", path: "/list/3", value: 1 }],
    ["an index that is no number", { op: "replace", path: "/list/01", value: 1 }],
    ["a test that does not hold", { op: "test", path: "/a", value: 2 }],
    ["a pointer that is none", { op: "add", path: "a", value: 1 }],
    ["a move into itself", { op: "move", from: "/inner", path: "/inner/x" }],
    ["an inherited property", { op: "add", path: "/constructor/prototype/polluted", value: 1 }],
    ["an inherited method", { op: "remove", path: "/toString" }],
    ["a prototype", { op: "add", path: "/__proto__/polluted", value: 1 }],
    ["a prototype as a key", { op: "add", path: "/__proto__", value: { polluted: 1 } }],
    ["an unknown operation", { op: "rename", path: "/a" } as unknown as PatchOperation],
  ])("patch() refuses %s, and changes nothing", (_name, operation) => {
    const value = { a: 1, list: [1, 2], inner: {} };
    const before = structuredClone(value);
    let error: unknown;
    try {
      patch(value, [{ op: "replace", path: "/a", value: 1 }, operation]);
    } catch (thrown) {
      error = thrown;
    }
    expect(PatchFailedError.is(error)).toBe(true);
    expect(error).toMatchObject({
      code: "ERR_UTILS_PATCH_FAILED",
      status: 409,
      details: { index: 1, path: operation.path },
    });
    expect(value).toEqual(before);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe("pick() and omit()", () => {
  it("take and leave own properties", () => {
    const user = { id: 1, name: "Ada", password: "x" };
    expect(pick(user, ["id", "name"])).toEqual({ id: 1, name: "Ada" });
    expect(omit(user, ["password"])).toEqual({ id: 1, name: "Ada" });
    expect(pick(user, ["toString" as "id"])).toEqual({});
    expect(omit({ 1: "a", 2: "b" }, [1])).toEqual({ 2: "b" });
  });
});

describe("deepFreeze()", () => {
  it("freezes everything within, cycles and bytes included", () => {
    const value = { list: [{ a: 1 }], bytes: new Uint8Array(2) } as Record<string, unknown>;
    value["self"] = value;
    deepFreeze(value);
    expect(Object.isFrozen(value)).toBe(true);
    expect(Object.isFrozen((value["list"] as object[])[0])).toBe(true);
  });
});

describe("stableStringify()", () => {
  it("writes what JSON.stringify does, whatever the order of properties", () => {
    fc.assert(
      fc.property(fc.anything({ withDate: true }), (value) => {
        let plain: string | undefined;
        try {
          plain = JSON.stringify(value);
        } catch {
          return;
        }
        const stable = stableStringify(value);
        expect(stable === undefined ? undefined : JSON.parse(stable)).toEqual(
          plain === undefined ? undefined : JSON.parse(plain),
        );
      }),
    );
    fc.assert(
      fc.property(json(), (value) => {
        expect(stableStringify(reversed(value))).toBe(stableStringify(value));
      }),
    );
  });
});

describe("hash()", () => {
  it("is the same for equal values, and another for others", () => {
    fc.assert(
      fc.property(json(), json(), (a, b) => {
        expect(hash(reversed(a))).toBe(hash(a));
        expect(hash(a) === hash(b)).toBe(equal(a, b));
      }),
    );
  });

  it("tells apart what JSON does not", () => {
    const values = [
      1,
      "1",
      1n,
      true,
      "true",
      null,
      undefined,
      {},
      [],
      { a: undefined },
      new Map(),
      new Set(),
      new Map([[1, 2]]),
      new Set([1]),
      new Date(0),
      new Date(0).toISOString(),
      Number.NaN,
      Infinity,
      -0,
      0,
      /a/,
      /a/i,
      new Uint8Array(1),
      new Uint16Array(1),
      new Uint8Array([1]),
      ["a,b"],
      ["a", "b"],
      new URL("http://a/"),
    ];
    expect(new Set(values.map((value) => hash(value))).size).toBe(values.length);
  });

  it("does not depend on the order of entries and members", () => {
    expect(
      hash(
        new Map([
          [1, { a: 1 }],
          [2, { b: 2 }],
        ]),
      ),
    ).toBe(
      hash(
        new Map([
          [2, { b: 2 }],
          [1, { a: 1 }],
        ]),
      ),
    );
    expect(hash(new Set([1, 2]))).toBe(hash(new Set([2, 1])));
  });

  it("refuses what it can't see into", () => {
    const circular: unknown[] = [];
    circular.push(circular);
    class Account {
      #balance = 1;
      balance = () => this.#balance;
    }
    expect(() => hash(circular)).toThrow("hash: value must not be circular");
    expect(() => hash(new Account())).toThrow("hash: value must not hold a Account");
    expect(() => hash(() => 1)).toThrow("hash: value must not hold a function");
  });

  it("takes other algorithms and encodings", () => {
    expect(hash(1, { algorithm: "md5", encoding: "base64url" })).toHaveLength(22);
  });
});

describe("guards", () => {
  it("know plain objects, also of another realm", () => {
    const plain = [{}, Object.create(null), runInNewContext("({})"), JSON.parse("{}")];
    expect(plain.map(isPlainObject)).toEqual([true, true, true, true]);
    const others = [[], new Map(), new Date(), null, 1, Object.create({}), new LruMap({ max: 1 })];
    expect(others.some((each) => isPlainObject(each))).toBe(false);
  });

  it("narrow", () => {
    expect([1, undefined, null, 0].filter(isDefined)).toEqual([1, 0]);
    expect([isOneOf(["asc", "desc"], "asc"), isOneOf(["asc"], "up")]).toEqual([true, false]);
    // eslint-disable-next-line unicorn/no-thenable
    expect([isPromiseLike({ then() {} }), isPromiseLike({})]).toEqual([true, false]);
    expect(() => assertNever("x" as never, "state")).toThrow(
      "state is not one of those expected: x",
    );
  });
});

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
