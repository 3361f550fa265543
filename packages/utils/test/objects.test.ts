import { fc } from "@infra/jest-preset/fast-check";
import { describe, expect, it } from "@jest/globals";
import { expectTypeOf } from "expect-type";

import {
  deepFreeze,
  defineId,
  equal,
  hash,
  isOneOf,
  isPlainObject,
  merge,
  omit,
  pick,
} from "../src/index.js";
import { reversed } from "./reversed.js";

const json = () => fc.jsonValue({ maxDepth: 4 });

const object = () => fc.dictionary(fc.string(), json());

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

  it("is true of a copy, the same both ways round, and false of any change", () => {
    const anything = fc.anything({ withDate: true, withMap: true, withSet: true });
    fc.assert(
      fc.property(anything, anything, (a, b) => {
        expect(equal(a, a)).toBe(true);
        expect(equal(a, b)).toBe(equal(b, a));
        expect(equal({ a }, { a, b })).toBe(false);
        expect(equal([a, b], [a, b])).toBe(true);
      }),
    );
    fc.assert(
      fc.property(json(), json(), (a, b) => {
        expect(equal(a, b)).toBe(hash(a) === hash(b));
      }),
    );
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

describe("pick() and omit()", () => {
  it("share an object out between them, whatever its keys are called", () => {
    const key = fc.constantFrom<string[]>("a", "b", "__proto__", "constructor", "toString", "1");
    fc.assert(
      fc.property(fc.dictionary(key, json()), fc.array(key), (value, keys) => {
        const all = { ...omit(value, keys), ...pick(value, keys) };
        // spreading defines __proto__ too where it is an own property
        expect(equal(all, { ...value })).toBe(true);
        expect(Object.keys(omit(value, keys)).some((each) => keys.includes(each))).toBe(false);
      }),
    );
  });

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

describe("types", () => {
  it("of merge() know what comes from where", () => {
    const base = { pool: { min: 0, max: 10 }, tags: ["a"], name: "x" };
    const over = { pool: { max: "many" }, tags: { b: 1 } };
    expectTypeOf(merge(base, over).pool).toEqualTypeOf<{ min: number; max: string }>();
    expectTypeOf(merge(base, over).tags).toEqualTypeOf<{ b: number }>();
    const maybe: { readonly name: number | undefined } = { name: undefined };
    const merged = merge(base, maybe);
    // undefined leaves what was there
    expectTypeOf(merged.name).toEqualTypeOf<string | number>();
    expect(merged.name).toBe("x");
  });

  it("of pick(), omit() and deepFreeze() are exact", () => {
    const user = { id: 1, name: "Ada", tags: ["a"] };
    expectTypeOf(pick(user, ["id"])).toEqualTypeOf<Pick<typeof user, "id">>();
    expectTypeOf(omit(user, ["id"])).toEqualTypeOf<Omit<typeof user, "id">>();
    const frozen = deepFreeze({ ...user });
    // @ts-expect-error it can't be changed, however deep
    expect(() => frozen.tags.push("b")).toThrow(TypeError);
    // @ts-expect-error no such property
    expect(pick(user, ["password"])).toEqual({});
  });

  it("of ids tell kinds apart", () => {
    const [user, note] = [defineId("user"), defineId("note")];
    expectTypeOf(user.next()).toEqualTypeOf<`user_${string}`>();
    expectTypeOf(note.next()).not.toExtend<ReturnType<typeof user.next>>();
    const direction: unknown = "asc";
    expect(isOneOf(["asc", "desc"], direction) && direction).toBe("asc");
    if (isOneOf(["asc", "desc"], direction)) {
      expectTypeOf(direction).toEqualTypeOf<"asc" | "desc">();
    }
  });
});
