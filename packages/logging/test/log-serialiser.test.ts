import { fc } from "@infra/jest-preset/fast-check";
import { describe, expect, it } from "@jest/globals";

import { LogSerialiser } from "../src/log-serialiser.js";
import { Redaction } from "../src/redaction.js";

const serialiser = new LogSerialiser(new Redaction());
const plain = (object: object): unknown => JSON.parse(`{${serialiser.fields(object).slice(1)}}`);

describe("LogSerialiser.fields()", () => {
  it("has a form for every kind of value", () => {
    expect(
      plain({
        text: "a",
        number: 1.5,
        notANumber: Number.NaN,
        endless: -Infinity,
        yes: true,
        nothing: null,
        missing: undefined,
        big: 7n,
        symbol: Symbol("s"),
        run: plain,
        date: new Date(0),
        noDate: new Date(Number.NaN),
        map: new Map<unknown, unknown>([
          ["a", 1],
          [2, new Set(["x"])],
          [{}, 3],
        ]),
        buffer: Buffer.from("abc"),
        floats: new Float64Array(2),
        url: new URL("https://x.example/a"),
        list: [undefined, () => {}, [1]],
        bare: Object.assign(Object.create(null) as object, { a: 1 }),
        own: new (class Point {
          x = 1;
        })(),
      }),
    ).toEqual({
      text: "a",
      number: 1.5,
      notANumber: "NaN",
      endless: "-Infinity",
      yes: true,
      nothing: null,
      big: "7n",
      symbol: "Symbol(s)",
      run: "[function plain]",
      date: "1970-01-01T00:00:00.000Z",
      noDate: "[invalid date]",
      map: { a: 1, 2: ["x"], "[object]": 3 },
      buffer: "[Buffer 3 bytes]",
      floats: "[Float64Array 16 bytes]",
      url: "https://x.example/a",
      list: [null, "[function anonymous]", [1]],
      bare: { a: 1 },
      own: { x: 1 },
    });
  });

  it("survives circles, throwing getters, proxies and toJSON", () => {
    const circle: Record<string, unknown> = { a: 1 };
    circle["self"] = circle;
    const hostile = {
      get field(): never {
        throw new Error("no");
      },
      ok: 1,
    };
    const proxy = new Proxy(
      {},
      {
        ownKeys() {
          throw new Error("no");
        },
      },
    );
    const bad = {
      toJSON() {
        throw new Error("no");
      },
    };
    expect(plain({ circle, hostile, proxy, bad, twice: [hostile.ok, circle] })).toEqual({
      circle: { a: 1, self: "[circular]" },
      hostile: { field: "[unreadable]", ok: 1 },
      proxy: "[unreadable]",
      bad: "[unreadable]",
      twice: [1, { a: 1, self: "[circular]" }],
    });
  });

  it("cuts what is too deep, too long or too much", () => {
    let deep: object = {};
    for (let level = 0; level < 50; level++) deep = { deep };
    expect(serialiser.fields({ deep })).toContain('"[too deep]"');
    const long = plain({ long: "x".repeat(100_000) }) as { long: string };
    expect(long.long).toHaveLength(32_768 + "… [67232 more characters]".length);
    const many = plain({ many: Array.from({ length: 2000 }, () => 1) }) as { many: unknown[] };
    expect(many.many).toHaveLength(1001);
    expect(many.many.at(-1)).toBe("[1000 more]");
    const wide = Array.from({ length: 1000 }, () => Array.from({ length: 1000 }, () => 1));
    expect(serialiser.fields({ wide }).length).toBeLessThan(100_000);
  });

  it.each(["\n", "\r", "\u001B", "\u007F", "\u009B", "\u2028", "\u2029"])(
    "escapes %j, which ends a line or steers a terminal",
    (character) => {
      const text = `a${character}b`;
      expect(serialiser.fields({ [text]: text })).not.toContain(character);
      expect(plain({ [text]: text })).toEqual({ [text]: text });
    },
  );

  it("is one line without control characters, whatever is logged", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: "binary" }), fc.anything()), (object) => {
        const fields = serialiser.fields(object);
        expect(fields).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
        expect(() => JSON.parse(`{${fields.slice(1)}}`) as unknown).not.toThrow();
      }),
      { numRuns: 50 },
    );
  });

  it("gives plain JSON back as it was, but for what stands under a secret name", () => {
    const redaction = new Redaction();
    const name = fc.oneof(
      fc.stringMatching(/^[a-z]{1,3}$/),
      fc.constantFrom("password", "access_token", "Set-Cookie"),
    );
    const text = fc
      .stringMatching(/^[a-z \n\t"\\é]*$/)
      .filter((each) => redaction.clean(each) === each);
    const value = fc.letrec<{ any: unknown }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 3 },
        text,
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("any"), { maxLength: 4 }),
        fc.dictionary(name, tie("any"), { maxKeys: 4 }),
      ),
    })).any;
    const hide = (key: string, each: unknown): unknown =>
      redaction.hidesName(key) ? "[redacted]" : each;
    fc.assert(
      fc.property(fc.dictionary(name, value), (object) => {
        expect(plain(object)).toEqual(JSON.parse(JSON.stringify(object, hide)));
      }),
      { numRuns: 300 },
    );
  });
});
