import { describeSessionStoreContract, ManualClock } from "@infra/testing";
import {
  describeAccountStoreContract,
  describeApiKeyStoreContract,
  describeRefreshTokenStoreContract,
} from "@infra/testing/auth";
import { describe, expect, it } from "@jest/globals";

import { MemoryAuthStores, MemorySessionStore } from "../../src/drivers/memory.js";
import { LocalAttempts } from "../../src/local-attempts.js";

const create = async () => ({ stores: new MemoryAuthStores(), close: async () => undefined });
describeAccountStoreContract("MemoryAccountStore", create);
describeRefreshTokenStoreContract("MemoryRefreshTokenStore", create);
describeApiKeyStoreContract("MemoryApiKeyStore", create);
describeSessionStoreContract("MemorySessionStore", async ({ clock }) => ({
  store: new MemorySessionStore({}, { clock }),
  close: async () => undefined,
}));

describe("MemorySessionStore", () => {
  it("keeps no more than it may; those used longest ago go", async () => {
    const store = new MemorySessionStore({ maxSessions: 2 });
    const at = Date.now();
    const times = { createdAt: at, lastSeenAt: at, expiresAt: at + 10_000 };
    for (const id of ["a", "b"]) await store.set({ id, data: {}, ...times });
    await store.touch("a", times);
    await store.set({ id: "c", data: {}, ...times });
    expect(await store.get("b")).toBeUndefined();
    expect(await store.get("a")).toBeDefined();
    expect(() => new MemorySessionStore({ maxSessions: 0 })).toThrow("maxSessions");
  });
});

describe("LocalAttempts", () => {
  it("allows the limit in any window, says when the next would be, and forgets", async () => {
    const clock = new ManualClock();
    const attempts = new LocalAttempts(clock);
    const rule = { limit: 2, windowMs: 1000 };
    expect(await attempts.consume("a", rule)).toMatchObject({ allowed: true, remaining: 1 });
    await clock.advance(400);
    expect(await attempts.consume("a", rule)).toMatchObject({ allowed: true, remaining: 0 });
    await clock.advance(100);
    expect(await attempts.consume("a", rule)).toEqual({
      allowed: false,
      remaining: 0,
      resetMs: 900,
      retryAfterMs: 500,
    });
    await clock.advance(499);
    expect((await attempts.consume("a", rule)).allowed).toBe(false);
    await clock.advance(1);
    expect((await attempts.consume("a", rule)).allowed).toBe(true);
    await attempts.reset("a");
    expect((await attempts.consume("a", rule)).remaining).toBe(1);
  });
});
