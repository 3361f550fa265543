import { readFile } from "node:fs/promises";

import { describe, expect, it } from "@jest/globals";

import { isError, toError } from "../src/index.js";

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

  it.each([
    ["boom", "boom"],
    [undefined, "undefined"],
    [{ a: 1 }, "{ a: 1 }"],
  ])("wraps %p", (thrown, message) => {
    expect(toError(thrown)).toMatchObject({ message, cause: thrown });
  });
});
