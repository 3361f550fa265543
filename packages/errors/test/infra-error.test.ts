import { importCopy } from "@infra/jest-preset/copy";
import { describe, expect, it } from "@jest/globals";

import {
  CancelledError,
  defineErrors,
  InfraError,
  NotFoundError,
  RateLimitedError,
  ValidationError,
} from "../src/index.js";

describe("InfraError", () => {
  it("takes code, status and retryable from its class, and from its options first", () => {
    expect(new NotFoundError("no such note")).toMatchObject({
      name: "NotFoundError",
      message: "no such note",
      code: "ERR_NOT_FOUND",
      status: 404,
      retryable: false,
    });
    expect(
      new NotFoundError("gone", { code: "ERR_NOTES_GONE", status: 410, retryable: true }),
    ).toMatchObject({ code: "ERR_NOTES_GONE", status: 410, retryable: true });
  });

  it("has a cause only when it was given one", () => {
    expect("cause" in new InfraError("x")).toBe(false);
    expect(new InfraError("x", { cause: undefined })).toHaveProperty("cause", undefined);
  });

  it.each([Number.NaN, 0, 200, 404.5, 600, Infinity])(
    "falls back to its class's status when given %p",
    (status) => {
      expect(new NotFoundError("x", { status }).status).toBe(404);
    },
  );

  it("shows clients its message below 500 only", () => {
    expect(new NotFoundError("no note 7").publicMessage).toBe("no note 7");
    expect(new InfraError("pool exhausted").publicMessage).toBe("Something went wrong.");
    expect(new InfraError("x", { publicMessage: "Come back later." }).publicMessage).toBe(
      "Come back later.",
    );
  });
});

describe("name", () => {
  it("can be assigned, as every other error's", () => {
    const error = new NotFoundError("x");
    error.name = "Renamed";
    expect(String(error)).toBe("Renamed: x");
    expect(Object.keys(error)).not.toContain("name");
    expect(new NotFoundError("x").name).toBe("NotFoundError");
  });
});

describe("is()", () => {
  it("accepts the class and those made from it", () => {
    const error = new NotFoundError("x");
    expect([InfraError.is(error), NotFoundError.is(error), ValidationError.is(error)]).toEqual([
      true,
      true,
      false,
    ]);
    expect([undefined, null, "x", new Error("x"), {}].some((each) => InfraError.is(each))).toBe(
      false,
    );
  });

  it("tells classes of one name apart by their codes", () => {
    const { CancelledError: Ours } = defineErrors({
      CancelledError: { code: "ERR_OURS_CANCELLED", when: "", extends: CancelledError },
    }).classes;
    expect([Ours.is(new CancelledError("x")), CancelledError.is(new Ours("x"))]).toEqual([
      false,
      true,
    ]);
    expect(Ours.is(new Ours("x"))).toBe(true);
  });

  it("survives what has no constructor", () => {
    const brand = { [Symbol.for("infra.error")]: true };
    expect(InfraError.is(Object.create(Object.assign(Object.create(null), brand)))).toBe(false);
  });

  it("agrees with another copy of the package", async () => {
    const other = await importCopy<typeof import("../src/index.js")>(
      new URL("..", import.meta.url),
    );
    expect(other.NotFoundError).not.toBe(NotFoundError);
    const error = new other.NotFoundError("x");
    expect(error).not.toBeInstanceOf(NotFoundError);
    expect([NotFoundError.is(error), InfraError.is(error), RateLimitedError.is(error)]).toEqual([
      true,
      true,
      false,
    ]);
  }, 60_000);
});

describe("ValidationError", () => {
  it("keeps its issues in details", () => {
    const issues = [{ path: ["title"], message: "must not be empty" }];
    expect(new ValidationError("bad note", { issues }).details.issues).toEqual(issues);
    expect(new ValidationError("bad note").details.issues).toEqual([]);
  });
});

describe("RateLimitedError", () => {
  it("says how long to wait, when known", () => {
    expect(new RateLimitedError("slow down", { retryAfterMs: 1500 }).retryAfterMs).toBe(1500);
    expect(new RateLimitedError("slow down").retryAfterMs).toBeUndefined();
  });

  it.each([Number.NaN, -1, Infinity])("does not know how long when given %p", (retryAfterMs) => {
    expect(new RateLimitedError("x", { retryAfterMs }).details).toEqual({});
    expect(new RateLimitedError("x", { details: { retryAfterMs } }).details).toEqual({});
  });
});
