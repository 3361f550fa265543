import { describe, expect, it } from "@jest/globals";

import { codeOf, createAuth } from "./create-auth.js";

describe("ApiKeyService", () => {
  it("create() shows a key once, which is found again, by its hash, with what it may do", async () => {
    const { auth, createAda, stores } = createAuth({ apiKeyPrefix: "infra_live" });
    const { id } = await createAda();
    const { key, apiKey } = await auth.apiKeys.create(id, { name: "CI", abilities: ["notes.*"] });
    expect(key).toMatch(/^infra_live_[\da-f]{24}_[\w-]{43}$/);
    expect(JSON.stringify(await stores.apiKeys.get(apiKey.id))).not.toContain(key.slice(-43));
    expect(apiKey).not.toHaveProperty("hash");
    expect(await auth.authenticate({ scheme: "api-key", value: key })).toEqual({
      id,
      roles: ["user"],
      abilities: ["notes.*"],
      credentialId: apiKey.id,
    });
  });

  it("verify() refuses what is no key, another's secret, and an expired or revoked one", async () => {
    const { auth, createAda, clock } = createAuth();
    const { id } = await createAda();
    const a = await auth.apiKeys.create(id, { name: "a", expiresIn: "1h" });
    const b = await auth.apiKeys.create(id, { name: "b" });
    const mixed = `key_${a.apiKey.id}_${b.key.slice(-43)}`;
    for (const key of ["", "key__", mixed, a.key.replace("key_", "other_"), `${a.key}x`]) {
      expect(await auth.apiKeys.verify(key)).toBeUndefined();
    }
    expect(await auth.apiKeys.verify(a.key)).toBeDefined();
    await clock.advance(3_600_000);
    expect(await auth.apiKeys.verify(a.key)).toBeUndefined();
    expect(await auth.apiKeys.revoke("somebody else", b.apiKey.id)).toBe(false);
    expect(await auth.apiKeys.revoke(id, b.apiKey.id)).toBe(true);
    expect(await auth.apiKeys.verify(b.key)).toBeUndefined();
  });

  it("writes the last use down, at most once a minute; that it fails makes no good key bad", async () => {
    const { auth, createAda, clock, stores } = createAuth();
    const { id } = await createAda();
    const { key } = await auth.apiKeys.create(id, { name: "CI" });
    let touched = 0;
    const touch = stores.apiKeys.touch.bind(stores.apiKeys);
    stores.apiKeys.touch = async (...args) => {
      touched += 1;
      await touch(...args);
    };
    for (let at = 0; at < 10; at += 1) await auth.apiKeys.verify(key);
    expect(touched).toBe(1);
    expect((await auth.apiKeys.list(id))[0]?.lastUsedAt).toBe(clock.now());
    await clock.advance(60_000);
    stores.apiKeys.touch = () => Promise.reject(new Error("read only"));
    expect(await auth.apiKeys.verify(key)).toBeDefined();
  });

  it("is nobody's when its account is disabled or deleted", async () => {
    const { auth, createAda } = createAuth();
    const { id } = await createAda();
    const { key } = await auth.apiKeys.create(id, { name: "CI" });
    await auth.accounts.disable(id);
    expect(await auth.authenticate({ scheme: "api-key", value: key })).toBeUndefined();
    await auth.accounts.enable(id);
    expect(await auth.authenticate({ scheme: "api-key", value: key })).toBeDefined();
    await auth.accounts.delete(id);
    expect(await auth.authenticate({ scheme: "api-key", value: key })).toBeUndefined();
  });

  it("create() refuses a name or abilities that are none", async () => {
    const { auth, createAda } = createAuth();
    const { id } = await createAda();
    for (const request of [
      { name: "" },
      { name: "x".repeat(101) },
      { name: "CI", abilities: ["a b"] },
      { name: "CI", abilities: Array.from({ length: 101 }, (_, at) => `a${at}`) },
    ]) {
      expect(await codeOf(auth.apiKeys.create(id, request))).toBe("ERR_AUTH_INVALID_INPUT");
    }
    expect(() => createAuth({ apiKeyPrefix: "a b" })).toThrow("apiKeyPrefix");
  });
});
