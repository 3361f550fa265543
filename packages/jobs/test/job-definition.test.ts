import { describe, expect, it } from "@jest/globals";

import { defineJob, type JobDefinitionOptions } from "../src/index.js";

describe("defineJob()", () => {
  it.each<[string, JobDefinitionOptions<unknown>]>([
    ["defineJob: version must be a whole number from 1, got 0", { version: 0 }],
    ["defineJob: upcast[2] leads beyond version 2 of mail", { version: 2, upcast: { 2: String } }],
    ["defineJob: attempts must be a whole number from 1, got 0.5", { attempts: 0.5 }],
    ["defineJob: timeout must be milliseconds", { timeout: "soon" as never }],
    [
      "defineJob: backoff.delay must be milliseconds",
      { backoff: { kind: "fixed", delay: "1 second" as never } },
    ],
    [
      "defineJob: backoff.jitter must be a number from 0 to 1, got 2",
      { backoff: { kind: "fixed", delay: 0, jitter: 2 } },
    ],
  ])("%s", (message, options) => {
    expect(() => defineJob("mail", options)).toThrow(message);
    expect(() => defineJob("mail", options)).toThrow(RangeError);
  });

  it("refuses what is no name", () => {
    expect(() => defineJob("")).toThrow(TypeError);
  });
});
