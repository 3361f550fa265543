import { describeRateLimitStoreContract } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { LocalRateLimitStore } from "../src/local-rate-limit-store.js";

describeRateLimitStoreContract("in the guards", async ({ clock }) => ({
  store: new LocalRateLimitStore(clock),
  close: () => Promise.resolve(),
}));

describe("LocalRateLimitStore", () => {
  it("forgets the key that was asked for longest ago when there are too many", async () => {
    const store = new LocalRateLimitStore();
    const rule = { limit: 1, windowMs: 60_000 };
    await store.consume("first", rule);
    await store.consume("second", rule);
    await store.consume("first", rule);
    for (let at = 0; at < 99_999; at += 1) await store.consume(`other ${at}`, rule);
    expect((await store.consume("first", rule)).allowed).toBe(false);
    expect((await store.consume("second", rule)).allowed).toBe(true);
  });
});
