import { fc } from "@infra/jest-preset/fast-check";
import { describe, expect, it } from "@jest/globals";

import { LogSerialiser } from "../src/log-serialiser.js";
import { Redaction } from "../src/redaction.js";

const shown = (value: object, paths: readonly string[] = [], patterns: readonly RegExp[] = []) =>
  JSON.parse(
    `{${new LogSerialiser(new Redaction(paths, patterns)).fields(value).slice(1)}}`,
  ) as unknown;
const R = "[redacted]";

describe("Redaction by name", () => {
  it.each([
    "password",
    "db_password",
    "newPassword",
    "X-Client-Secret",
    "token",
    "accessToken",
    "Authorization",
    "set-cookie",
    "API_KEY",
    "jwtSecret",
    "cvv",
  ])("hides %s at any depth", (name) => {
    expect(shown({ [name]: "a", deep: [{ [name]: { b: 1 } }] })).toEqual({
      [name]: R,
      deep: [{ [name]: R }],
    });
  });

  it.each(["pageToken", "tokens", "keyboard", "key", "author"])("shows %s", (name) => {
    expect(shown({ [name]: "a" })).toEqual({ [name]: "a" });
  });
});

describe("Redaction by path", () => {
  it.each([
    ["user.iban", { user: { iban: R, other: { iban: 1 } }, iban: 1 }],
    ["*.iban", { user: { iban: R, other: { iban: 1 } }, iban: 1 }],
    ["**.iban", { user: { iban: R, other: { iban: R } }, iban: R }],
    ["user.**.iban", { user: { iban: R, other: { iban: R } }, iban: 1 }],
    ["user.other", { user: { iban: 1, other: R }, iban: 1 }],
    ["user.o*r.I-Ban", { user: { iban: 1, other: { iban: R } }, iban: 1 }],
    ["iban", { user: { iban: 1, other: { iban: 1 } }, iban: R }],
  ])("understands %s", (path, expected) => {
    expect(shown({ user: { iban: 1, other: { iban: 1 } }, iban: 1 }, [path])).toEqual(expected);
  });

  it("understands list positions", () => {
    const value = { list: [{ pin: 1 }, { pin: 2 }] };
    expect(shown(value, ["list[*].pin"])).toEqual({ list: [{ pin: R }, { pin: R }] });
    expect(shown(value, ["list[1].pin"])).toEqual({ list: [{ pin: 1 }, { pin: R }] });
    expect(shown(value, ["list.0"])).toEqual({ list: [R, { pin: 2 }] });
  });

  it("takes every other character of a name as it is", () => {
    expect(shown({ "a(b": 1, aXb: 1 }, ["a(b", "a+b"])).toEqual({ "a(b": R, aXb: 1 });
  });

  it("finds a name in a random object wherever it stands", () => {
    const tree = fc.letrec<{ any: unknown }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.constant("hunter2"),
        fc.array(tie("any"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom("a", "pin", "b"), tie("any"), { maxKeys: 3 }),
      ),
    })).any;
    const pinsOf = (value: unknown): unknown[] =>
      typeof value === "object" && value !== null
        ? Object.entries(value).flatMap(([key, each]) => (key === "pin" ? [each] : pinsOf(each)))
        : [];
    const serialiser = new LogSerialiser(new Redaction(["**.pin"]));
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom("a", "pin", "b"), tree), (object) => {
        const pins = pinsOf(JSON.parse(`{${serialiser.fields(object).slice(1)}}`));
        expect(pins).toEqual(pinsOf(object).map(() => R));
      }),
      { numRuns: 200 },
    );
  });
});

describe("Redaction by pattern", () => {
  it.each([
    ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln", R],
    ["sent Bearer abcdefghijkl.mno", `sent Bearer ${R}`],
    ["Authorization: basic dXNlcjpwYXNz", `Authorization: basic ${R}`],
    ["postgres://ann:pa$$@db/notes", `postgres://ann:${R}@db/notes`],
    ["redis://:pw@r:6379", `redis://:${R}@r:6379`],
    ["card 4111 1111 1111 1111.", `card ${R}.`],
    ["card 378282246310005", `card ${R}`],
    ["card 3782 822463 10005, or 4222222222222", `card ${R}, or ${R}`],
    ["4111-1111-1111-1111", R],
    ["-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----", R],
    ["key sk_live_1", `key ${R}`],
  ])("cleans %j", (text, clean) => {
    expect(shown({ text }, [], [/sk_\w+/])).toEqual({ text: clean });
  });

  it.each(["a-", "eyJaaaaaaaa-", "://", "Bearer ", "4111 ", "-----BEGIN A PRIVATE KEY"])(
    "takes its time with a text full of %j, but not the square of it",
    (part) => {
      expect(shown({ text: `${part.repeat(200_000)}://u:p@` })).toBeDefined();
    },
  );

  it("finds a secret at the place where a long text is cut", () => {
    const text = `${"x".repeat(32_700)} postgres://ann:${"hunter2".repeat(20)}@db`;
    expect(JSON.stringify(shown({ text }))).not.toContain("hunter2");
  });

  it("leaves any UUID", () => {
    const redaction = new Redaction();
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        expect(redaction.clean(id)).toBe(id);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    "4111 1111 1111 1112",
    "1700000000000123",
    // they pass the Luhn check
    "queue-23668-1795360096482",
    "4111 11 1111 1111 1111",
    "99994111111111111111",
    "https://x.example/a@b",
    "2026-11-22T10:00:00.000Z",
    "550e8400-e29b-41d4-a716-446655440000",
    "a bearer of news",
  ])("leaves %j", (text) => {
    expect(shown({ text })).toEqual({ text });
  });
});
