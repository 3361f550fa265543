import { fc } from "@infra/jest-preset/fast-check";
import { describe, expect, it } from "@jest/globals";

import {
  ConflictError,
  defineErrors,
  fromJSON,
  InfraError,
  NotFoundError,
  RateLimitedError,
  serialiseError,
  shape,
  toProblemDetails,
  ValidationError,
} from "../src/index.js";

const registry = defineErrors({
  TakenError: {
    code: "ERR_SEATS_TAKEN",
    when: "",
    extends: ConflictError,
    details: shape<{ seat?: string }>(),
  },
  BadSeatError: { code: "ERR_SEATS_BAD", when: "", extends: ValidationError },
});
const { TakenError, BadSeatError } = registry.classes;

/** Any JSON but what `fromJSON` drops on purpose. */
const plain = (maxDepth: number) =>
  fc.jsonValue({ maxDepth }).filter((value) => !JSON.stringify(value).includes("__proto__"));

const again = (error: unknown): Error =>
  fromJSON(JSON.parse(JSON.stringify(serialiseError(error))), registry);

describe("fromJSON()", () => {
  it("gives a class of a registry back as itself", () => {
    const error = again(
      new TakenError("seat 12A is taken", {
        details: { seat: "12A" },
        publicMessage: "Taken.",
        retryable: true,
      }),
    );
    expect(TakenError.is(error)).toBe(true);
    expect(error).toBeInstanceOf(TakenError);
    expect(error).toMatchObject({
      name: "TakenError",
      message: "seat 12A is taken",
      code: "ERR_SEATS_TAKEN",
      status: 409,
      retryable: true,
      details: { seat: "12A" },
      publicMessage: "Taken.",
    });
  });

  it("gives semantic classes and JavaScript's own back, with the stack that they had", () => {
    const original = new NotFoundError("gone", { code: "ERR_NOTES_GONE", status: 410 });
    const error = again(original);
    expect(NotFoundError.is(error)).toBe(true);
    expect(error).toMatchObject({ code: "ERR_NOTES_GONE", status: 410, stack: original.stack });
    const native = again(Object.assign(new RangeError("x"), { code: "ERR_X" }));
    expect(native).toBeInstanceOf(RangeError);
    expect(native).toMatchObject({ name: "RangeError", code: "ERR_X" });
    expect(fromJSON({ name: "TypeError", message: "no stack" }).stack).toBe("TypeError: no stack");
  });

  it("gives any other as an InfraError with its name, code and fields", () => {
    class SeatsError extends InfraError {
      static override readonly kind: string = "SeatsError";
      static override readonly code: string = "ERR_SEATS";
    }
    expect(again(new SeatsError("x", { status: 418 }))).toMatchObject({
      name: "SeatsError",
      code: "ERR_SEATS",
      status: 418,
    });
    const pg = Object.assign(new Error("duplicate key"), { name: "DatabaseError", code: "23505" });
    const error = again(Object.assign(pg, { detail: "Key (id)=(1)" }));
    expect(InfraError.is(error)).toBe(true);
    expect(error).toMatchObject({ name: "DatabaseError", code: "23505", detail: "Key (id)=(1)" });
    expect(String(error)).toBe("DatabaseError: duplicate key");
  });

  it("restores the cause chain and the order of an AggregateError", () => {
    const bottom = new TypeError("bottom");
    const middle = new AggregateError([new Error("a"), "b", new TakenError("c")], "all");
    bottom.cause = { seat: 7 };
    middle.cause = bottom;
    const error = again(new InfraError("top", { cause: middle }));
    expect(error.cause).toBeInstanceOf(AggregateError);
    const { errors, cause } = error.cause as AggregateError;
    expect(errors).toMatchObject([{ message: "a" }, "b", { message: "c" }]);
    expect(TakenError.is(errors[2])).toBe(true);
    expect(cause).toBeInstanceOf(TypeError);
    expect((cause as Error).cause).toEqual({ seat: 7 });
  });

  it("sets no prototype and hides no method, whatever the JSON says", () => {
    const error = fromJSON(
      JSON.parse(`{
        "name": "__proto__", "message": "x", "code": "constructor", "status": "500",
        "details": { "__proto__": { "admin": true }, "deep": [{ "__proto__": { "admin": true } }] },
        "fields": { "__proto__": { "admin": true }, "constructor": 1, "toString": 2, "is": 3,
                    "data": { "__proto__": { "admin": true } } },
        "cause": { "__proto__": { "admin": true }, "a": 1 }
      }`),
      registry,
    ) as InfraError & { data: object };
    expect(InfraError.is(error)).toBe(true);
    expect(Object.getPrototypeOf(error)).toBe(InfraError.prototype);
    expect(error.status).toBe(500);
    expect(typeof error.toString).toBe("function");
    const copies = [error.details, error.data, error.cause, ...(error.details["deep"] as object[])];
    for (const each of copies) {
      expect(Object.assign({}, each)).not.toHaveProperty("admin");
    }
    expect(JSON.stringify(error.details)).not.toContain("admin");
    expect({}).not.toHaveProperty("admin");
  });

  it("leaves out what has the wrong type", () => {
    const error = fromJSON({
      name: "ValidationError",
      message: 7,
      status: Number.NaN,
      retryable: "yes",
      details: { issues: [{ path: "x" }, { path: ["a"], message: "m" }, null] },
    });
    expect(error).toMatchObject({ message: "", status: 400, retryable: false });
    expect(toProblemDetails(error).errors).toEqual([{ pointer: "/a", detail: "m" }]);
    const bad = fromJSON({ name: "X", code: "ERR_SEATS_BAD", details: { issues: "x" } }, registry);
    expect(BadSeatError.is(bad)).toBe(true);
    expect(toProblemDetails(bad).errors).toEqual([]);
    const slow = fromJSON({ name: "RateLimitedError", details: { retryAfterMs: "soon" } });
    expect(RateLimitedError.is(slow) && slow.retryAfterMs).toBeUndefined();
    expect(toProblemDetails(slow)).not.toHaveProperty("retryAfter");
  });

  it("makes an error of anything", () => {
    let deep: unknown = "bottom";
    for (let level = 0; level < 100_000; level += 1)
      deep = { name: "E", message: "m", cause: deep };
    expect(fromJSON(deep)).toBeInstanceOf(Error);
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        expect(fromJSON(json)).toBeInstanceOf(Error);
        expect(
          fromJSON({ name: "X", message: "m", cause: json, details: json, fields: json }),
        ).toBeInstanceOf(InfraError);
      }),
    );
  });

  it("leaves the length of stacks as it was", () => {
    const before = Error.stackTraceLimit;
    Error.stackTraceLimit = 7;
    again(new Error("x"));
    const after = Error.stackTraceLimit;
    Error.stackTraceLimit = before;
    expect(after).toBe(7);
  });

  it("is the inverse of serialiseError, for what JSON can hold", () => {
    const record = fc.dictionary(
      fc.string().filter((key) => key !== "__proto__"),
      plain(2),
      { maxKeys: 4 },
    );
    const options = fc.record({
      details: record,
      status: fc.integer({ min: 400, max: 599 }),
      retryable: fc.boolean(),
      publicMessage: fc.string(),
    });
    const error = fc.letrec((tie) => ({
      error: fc
        .tuple(
          fc.constantFrom(InfraError, NotFoundError, TakenError, Error, RangeError, AggregateError),
          fc.string(),
          options,
          fc.option(tie("error"), { nil: undefined, maxDepth: 4 }),
          fc.array(plain(1), { maxLength: 3 }),
        )
        .map(([Class, message, given, cause, errors]) => {
          const all = cause === undefined ? given : { ...given, cause };
          return Class === AggregateError
            ? new AggregateError(errors, message, all as ErrorOptions)
            : new (Class as typeof InfraError)(message, all);
        }),
    })).error;
    fc.assert(
      fc.property(error, (original) => {
        expect(serialiseError(again(original))).toEqual(serialiseError(original));
      }),
    );
  });
});
