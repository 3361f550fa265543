import { runInNewContext } from "node:vm";

import { describe, expect, it } from "@jest/globals";

import {
  assertNever,
  isDefined,
  isOneOf,
  isPlainObject,
  isPromiseLike,
  LruMap,
} from "../src/index.js";

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
