import { Secret } from "@infra/interfaces";
import { describe, expect, it } from "@jest/globals";

import { JobsService } from "../src/index.js";
import { parseJobsUrl } from "../src/jobs-url.js";

describe("url", () => {
  it.each([
    ["memory:", "memory"],
    ["rediss://host", "redis"],
    ["PostgreSQL://host/db", "postgres"],
    ["pglite:./data", "pglite"],
    ["database:", "database"],
  ])("%s is %s", (url, scheme) => {
    expect(parseJobsUrl(url)).toEqual({ scheme, full: url });
  });

  it.each([
    ["amqp://host", /^url must begin with memory:, .* or database:, got the scheme "amqp:"$/],
    ["constructor:x", /got the scheme "constructor:"$/],
    ["nothing", /got no URL$/],
    ["redis:host", /^url must read "redis:\/\/host", got "redis:" without the slashes$/],
    ["pglite:", /^url must name a directory/],
  ])("%s is refused", (url, message) => {
    expect(() => new JobsService({ url })).toThrow(RangeError);
    expect(() => new JobsService({ url })).toThrow(message);
  });

  it("is not quoted with its password", () => {
    const url = new Secret("ftp://user:hunter2@host");
    expect(() => new JobsService({ url })).toThrow(/^(?!.*hunter2)/);
  });
});
