import { fc } from "@infra/jest-preset/fast-check";
import { describe, expect, it } from "@jest/globals";

import { equal, hash, stableStringify } from "../src/index.js";
import { reversed } from "./reversed.js";

const json = () => fc.jsonValue({ maxDepth: 4 });

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
