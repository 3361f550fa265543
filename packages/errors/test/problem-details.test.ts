import { describe, expect, it } from "@jest/globals";

import {
  InfraError,
  NotFoundError,
  RateLimitedError,
  toProblemDetails,
  ValidationError,
} from "../src/index.js";

describe("toProblemDetails()", () => {
  it("describes an error as RFC 9457 has it", () => {
    expect(toProblemDetails(new NotFoundError("no note 7"), { instance: "req-1" })).toEqual({
      type: "about:blank",
      title: "Not Found",
      status: 404,
      detail: "no note 7",
      instance: "req-1",
      code: "ERR_NOT_FOUND",
    });
  });

  it("points into the input", () => {
    const error = new ValidationError("bad note", {
      issues: [{ path: ["tags", 0, "a/b~c"], message: "must be short" }],
    });
    expect(toProblemDetails(error).errors).toEqual([
      { pointer: "/tags/0/a~1b~0c", detail: "must be short" },
    ]);
  });

  it("rounds the wait up to seconds", () => {
    expect(toProblemDetails(new RateLimitedError("slow", { retryAfterMs: 1001 })).retryAfter).toBe(
      2,
    );
  });

  it.each([
    new Error("select * from users"),
    new InfraError("/srv/app/secret.ts"),
    "text",
    undefined,
  ])("tells nothing of what is not for clients: %p", (error) => {
    expect(toProblemDetails(error)).toEqual({
      type: "about:blank",
      title: "Internal Server Error",
      status: 500,
      detail: "Something went wrong.",
      code: "ERR_INTERNAL",
    });
  });
});
