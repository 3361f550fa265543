import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";

import { describe, expect, it } from "@jest/globals";

import {
  CancelledError,
  ConflictError,
  driverErrorOf,
  driverErrors,
  InternalError,
  NotFoundError,
  TimeoutError,
  toInfraError,
  toProblemDetails,
  UnavailableError,
  ValidationError,
} from "../src/index.js";

const coded = (code: string, message = "secret"): Error =>
  Object.assign(new Error(message), { code });

describe("toInfraError()", () => {
  it.each([
    ["23505", ConflictError, 409, false],
    ["23503", ConflictError, 409, false],
    ["23502", ValidationError, 400, false],
    ["22P02", ValidationError, 400, false],
    ["40001", ConflictError, 409, true],
    ["40P01", ConflictError, 409, true],
    ["57014", CancelledError, 499, false],
    ["08006", UnavailableError, 503, true],
    ["53300", UnavailableError, 503, true],
    ["ECONNREFUSED", UnavailableError, 503, true],
    ["ETIMEDOUT", TimeoutError, 504, true],
    ["ER_DUP_ENTRY", ConflictError, 409, false],
    ["SQLITE_CONSTRAINT_UNIQUE", ConflictError, 409, false],
    ["42601", InternalError, 500, false],
    ["toString", InternalError, 500, false],
  ] as const)("knows what %s means", (code, Class, status, retryable) => {
    const cause = coded(code);
    const error = toInfraError(cause);
    expect(Class.is(error)).toBe(true);
    expect(error).toMatchObject({ status, retryable, cause });
    expect(JSON.stringify(toProblemDetails(error))).not.toContain("secret");
    expect(error.message).not.toContain("secret");
  });

  it("knows a connection that Node.js could not make", async () => {
    const socket = connect({ port: 1, host: "127.0.0.1" });
    const [error] = (await once(socket, "error")) as [Error];
    expect(UnavailableError.is(toInfraError(error))).toBe(true);
  });

  it("looks at what an error was caused by", () => {
    const error = new TypeError("fetch failed", { cause: coded("ECONNRESET") });
    expect(toInfraError(error)).toMatchObject({ code: "ERR_UNAVAILABLE", cause: error });
    const circle = new Error("x");
    circle.cause = circle;
    expect(InternalError.is(toInfraError(circle))).toBe(true);
  });

  it("knows the platform's aborts", () => {
    expect(CancelledError.is(toInfraError(AbortSignal.abort().reason))).toBe(true);
    expect(TimeoutError.is(toInfraError(new DOMException("late", "TimeoutError")))).toBe(true);
  });

  it("keeps an error of ours, and makes an internal one of anything else", async () => {
    const ours = new NotFoundError("x", { cause: coded("23505") });
    expect(toInfraError(ours)).toBe(ours);
    expect(toInfraError("boom")).toMatchObject({ code: "ERR_INTERNAL", cause: "boom" });
    const missing: unknown = await readFile("/does/not/exist").catch((thrown: unknown) => thrown);
    expect(InternalError.is(toInfraError(missing))).toBe(true);
  });

  it("goes by another table", () => {
    const table = { ...driverErrors, ENOENT: { class: NotFoundError, message: "no such file" } };
    expect(toInfraError(coded("ENOENT"), table)).toMatchObject({
      code: "ERR_NOT_FOUND",
      message: "no such file (ENOENT)",
    });
    expect(driverErrorOf("ENOENT")).toBeUndefined();
    expect(driverErrorOf(23505)).toBeUndefined();
  });
});
