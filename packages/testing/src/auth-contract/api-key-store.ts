import assert from "node:assert/strict";

import type { StoredApiKey } from "@infra/auth";

import { describe, it } from "../runner.js";
import { same } from "../same.js";
import { opener, type AuthStoresUnderTest } from "./stores.js";

const at = 1_700_000_000_000;
const key = (id: string, more: Partial<StoredApiKey> = {}): StoredApiKey => ({
  id,
  hash: "ff",
  accountId: "ada",
  name: "CI ☃",
  abilities: ["notes.*"],
  createdAt: at,
  expiresAt: at + 1000,
  ...more,
});

/** The tests that every `ApiKeyStore` passes. */
export function describeApiKeyStoreContract(
  name: string,
  create: () => Promise<AuthStoresUnderTest>,
): void {
  describe(`ApiKeyStore contract: ${name}`, () => {
    const open = opener(create);

    it("get() gives what create() stored, and undefined for what is missing", async () => {
      const { apiKeys } = (await open()).stores;
      await apiKeys.create(key("a"));
      same(await apiKeys.get("a"), key("a"));
      const { abilities: _all, expiresAt: _never, ...bare } = key("b");
      await apiKeys.create(bare);
      same(await apiKeys.get("b"), bare);
      assert.equal(await apiKeys.get("A"), undefined);
    });

    it("touch() writes the last use, and never brings a deleted key back", async () => {
      const { apiKeys } = (await open()).stores;
      await apiKeys.create(key("a"));
      await apiKeys.touch("a", at + 7);
      same(await apiKeys.get("a"), key("a", { lastUsedAt: at + 7 }));
      await apiKeys.delete("ada", "a");
      await apiKeys.touch("a", at + 8);
      assert.equal(await apiKeys.get("a"), undefined);
    });

    it("delete() ends a key of its owner, and nobody else's", async () => {
      const { apiKeys } = (await open()).stores;
      await apiKeys.create(key("a"));
      assert.equal(await apiKeys.delete("bob", "a"), false);
      assert.notEqual(await apiKeys.get("a"), undefined);
      assert.equal(await apiKeys.delete("ada", "a"), true);
      assert.equal(await apiKeys.delete("ada", "a"), false);
    });

    it("listByAccount() gives an account's keys, the newest first; deleteByAccount() ends them", async () => {
      const { apiKeys } = (await open()).stores;
      await apiKeys.create(key("old", { createdAt: at - 1 }));
      await apiKeys.create(key("new"));
      await apiKeys.create(key("other", { accountId: "bob" }));
      const ids = (await apiKeys.listByAccount("ada")).map(({ id }) => id);
      same(ids, ["new", "old"]);
      assert.equal(await apiKeys.deleteByAccount("ada"), 2);
      same(await apiKeys.listByAccount("ada"), []);
      assert.notEqual(await apiKeys.get("other"), undefined);
    });
  });
}
