import { Secret } from "@infra/interfaces";
import { describe, expect, it } from "@jest/globals";

import { PubSubService } from "../src/index.js";
import { parsePubSubUrl } from "../src/pubsub-url.js";

describe("url", () => {
  it.each([
    ["memory:", "memory"],
    ["rediss://host", "redis"],
    ["PostgreSQL://host/db", "postgres"],
    ["database:", "database"],
  ])("%s is %s", (url, scheme) => {
    expect(parsePubSubUrl(url)).toEqual({ scheme, full: url });
  });

  it.each([
    ["amqp://host", /^url must begin with memory:, .* or database:, got the scheme "amqp:"$/],
    ["constructor:x", /got the scheme "constructor:"$/],
    ["nothing", /got no URL$/],
    ["redis:host", /^url must read "redis:\/\/host", got "redis:" without the slashes$/],
  ])("%s is refused", (url, message) => {
    expect(() => new PubSubService({ url })).toThrow(RangeError);
    expect(() => new PubSubService({ url })).toThrow(message);
  });

  it("is not quoted with its password", () => {
    const url = new Secret("ftp://user:hunter2@host");
    expect(() => new PubSubService({ url })).toThrow(/^(?!.*hunter2)/);
  });
});
