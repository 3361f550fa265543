import { fc } from "@infra/jest-preset/fast-check";
import { describe, expect, it } from "@jest/globals";

import { InfraError, NotFoundError, serialiseError } from "../src/index.js";

function trap(): never {
  throw new Error("no");
}

describe("serialiseError()", () => {
  it("keeps name, code, status, details and the cause chain", () => {
    const error = new NotFoundError("no note", {
      details: { id: 7n, at: new Date(0) },
      cause: new RangeError("below"),
    });
    expect(serialiseError(error)).toMatchObject({
      name: "NotFoundError",
      message: "no note",
      code: "ERR_NOT_FOUND",
      status: 404,
      retryable: false,
      details: { id: "7n", at: "1970-01-01T00:00:00.000Z" },
      cause: { name: "RangeError", message: "below" },
    });
  });

  it("keeps the errors of an AggregateError in order", () => {
    const error = new AggregateError([new Error("a"), "b"], "both");
    expect(serialiseError(error).errors).toMatchObject([{ message: "a" }, "b"]);
  });

  it("keeps what libraries put on their errors", () => {
    const error = Object.assign(new Error("duplicate key"), {
      code: "23505",
      detail: "Key (id)=(1) already exists.",
      table: "notes",
      errno: -104,
      retry: () => {},
    });
    expect(serialiseError(error)).toMatchObject({
      code: "23505",
      fields: { detail: "Key (id)=(1) already exists.", table: "notes", errno: -104 },
    });
    expect(serialiseError(error).fields).not.toHaveProperty("retry");
    expect(serialiseError(new NotFoundError("x"))).not.toHaveProperty("fields");
  });

  it("names what is no data among them, rather than to empty it out", () => {
    class Socket {
      readonly authorization = "Bearer secret";
    }
    const error = Object.assign(new Error("reset"), {
      socket: new Socket(),
      config: { agent: new Socket() },
    });
    expect(serialiseError(error).fields).toEqual({
      socket: "[Socket]",
      config: { agent: "[Socket]" },
    });
    expect(serialiseError(new InfraError("x", { details: { at: new Socket() } })).details).toEqual({
      at: { authorization: "Bearer secret" },
    });
  });

  it("keeps a public message of its own only", () => {
    expect(serialiseError(new NotFoundError("no note"))).not.toHaveProperty("publicMessage");
    expect(
      serialiseError(new InfraError("x", { publicMessage: "Come back later." })).publicMessage,
    ).toBe("Come back later.");
  });

  it("leaves the stacks out when told to", () => {
    const error = new Error("x", { cause: new Error("y") });
    expect(JSON.stringify(serialiseError(error, { stack: false }))).not.toContain("stack");
    const thrown = { inner: error };
    expect(serialiseError(thrown).message).toMatch(/\n\s+at /);
    expect(serialiseError(thrown, { stack: false }).message).not.toMatch(/\s+at /);
  });

  it("survives circles, throwing getters and depth", () => {
    const error = new Error("x") as Error & { cause: unknown };
    error.cause = error;
    expect(serialiseError(error).cause).toBe("[circular]");
    const hostile = {
      get secret(): string {
        throw new Error("no");
      },
    };
    expect(serialiseError(new Error("x", { cause: hostile })).cause).toEqual({
      secret: "[unreadable]",
    });
    let deep: Error = new Error("bottom");
    for (let level = 0; level < 50; level++) deep = new Error("up", { cause: deep });
    expect(JSON.stringify(serialiseError(deep))).toContain("[too deep]");
  });

  it("survives what throws at anything", () => {
    const hostile = new Proxy(new Error("x"), { get: trap, has: trap, getPrototypeOf: trap });
    expect(serialiseError(hostile).name).toBe("NonError");
    const half = new Proxy(new Error("x"), { has: trap });
    expect(serialiseError(half).message).toBe("[unreadable]");
    expect(serialiseError(new Error("x", { cause: hostile })).cause).toBe("[unreadable]");
    const nameless = Object.assign(new Error("x"), { name: { toString: trap } });
    expect(serialiseError(nameless).name).toBe("[unreadable]");
  });

  it("is bounded, whatever the error carries", () => {
    const details = { list: Array.from({ length: 1e6 }, (_, at) => at), text: "x".repeat(1e6) };
    expect(JSON.stringify(serialiseError(new InfraError("x", { details }))).length).toBeLessThan(
      30_000,
    );
    // eslint-disable-next-line unicorn/no-new-array
    const sparse = { list: new Array(4e9) };
    expect(JSON.stringify(serialiseError(new InfraError("x", { details: sparse })))).toContain(
      "[too much]",
    );
  });

  it("says what was thrown when it was no error", () => {
    expect(serialiseError("boom")).toEqual({ name: "NonError", message: "boom" });
    expect(serialiseError({ a: 1 })).toEqual({ name: "NonError", message: "{ a: 1 }" });
  });

  it("gives what JSON gives back as it is, whatever is in it", () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true }),
        fc.anything({ withTypedArray: true, withSparseArray: true, withNullPrototype: true }),
        (inDetails, inFields) => {
          const error = Object.assign(
            new InfraError("x", { details: { inDetails }, cause: inFields }),
            { inFields },
          );
          const serialised = serialiseError(error);
          expect(JSON.parse(JSON.stringify(serialised))).toEqual(serialised);
        },
      ),
    );
  });
});
