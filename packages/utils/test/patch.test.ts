import { fc } from "@infra/jest-preset/fast-check";
import { describe, expect, it } from "@jest/globals";

import { diff, equal, patch, PatchFailedError, type PatchOperation } from "../src/index.js";

const json = () => fc.jsonValue({ maxDepth: 4 });

const list = () => fc.array(fc.record({ id: fc.nat({ max: 5 }), tags: fc.array(fc.boolean()) }));

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
