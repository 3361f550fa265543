import { readdir, readFile } from "node:fs/promises";
import { inspect } from "node:util";

import { describe, expect, it } from "@jest/globals";

import { InfraError, isError, toError, toInfraError, toProblemDetails } from "../src/index.js";

function trap(): never {
  throw new Error("no");
}

describe("toError()", () => {
  it("gives an error as it is", () => {
    const error = new RangeError("x");
    expect(toError(error)).toBe(error);
  });

  it("gives an error of another realm as it is", async () => {
    const error: unknown = await readFile("/does/not/exist").catch((thrown: unknown) => thrown);
    expect(isError(error)).toBe(true);
    expect(toError(error)).toBe(error);
    const { reason } = AbortSignal.abort() as { reason: unknown };
    expect(toError(reason)).toBe(reason);
  });

  it("survives what throws at anything", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const hostile = [
      proxy,
      { [inspect.custom]: trap },
      new Proxy(new Error("x"), { get: trap, has: trap, getPrototypeOf: trap }),
    ];
    for (const thrown of hostile) {
      expect(isError(thrown)).toBe(false);
      expect(toError(thrown).cause).toBe(thrown);
      expect(InfraError.is(thrown)).toBe(false);
      expect(toProblemDetails(thrown).status).toBe(500);
      expect(toInfraError(thrown).code).toBe("ERR_INTERNAL");
    }
    expect(toError(hostile[1]).message).toBe("[unreadable]");
  });

  it("does without Node.js, of which the package imports nothing", async () => {
    const { process: real } = globalThis;
    Object.defineProperty(globalThis, "process", { value: undefined, configurable: true });
    try {
      expect(toError({ toString: () => "a thing" }).message).toBe("a thing");
      expect(toError(Symbol("s")).message).toBe("Symbol(s)");
    } finally {
      Object.defineProperty(globalThis, "process", { value: real, configurable: true });
    }
    const folder = new URL("../src/", import.meta.url);
    for (const file of await readdir(folder)) {
      expect(await readFile(new URL(file, folder), "utf8")).not.toMatch(/from "node:/);
    }
  });

  it.each([
    ["boom", "boom"],
    [undefined, "undefined"],
    [{ a: 1 }, "{ a: 1 }"],
  ])("wraps %p", (thrown, message) => {
    expect(toError(thrown)).toMatchObject({ message, cause: thrown });
  });
});
