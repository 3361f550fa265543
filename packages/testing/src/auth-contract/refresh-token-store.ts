import assert from "node:assert/strict";

import type { TokenFamily } from "@infra/auth";

import { describe, it } from "../runner.js";
import { same } from "../same.js";
import { opener, type AuthStoresUnderTest } from "./stores.js";

const at = 1_700_000_000_000;
const expiresAt = at + 1000;
const family = (id: string, more: Partial<TokenFamily> = {}): TokenFamily => ({
  id,
  accountId: "ada",
  createdAt: at,
  lastUsedAt: at,
  expiresAt,
  authenticatedAt: at,
  methods: ["password", "totp"],
  userAgent: "Firefox",
  ...more,
});
const rotation = (id: string) => ({ at: at + 1, salt: `salt-${id}`, next: { id, expiresAt } });

/** The tests that every `RefreshTokenStore` passes. */
export function describeRefreshTokenStoreContract(
  name: string,
  create: () => Promise<AuthStoresUnderTest>,
): void {
  describe(`RefreshTokenStore contract: ${name}`, () => {
    const open = opener(create);

    it("find() gives a token with its family, and undefined for what is missing", async () => {
      const { refreshTokens: store } = (await open()).stores;
      await store.create(family("f"), { id: "t1", expiresAt });
      same(await store.find("t1"), {
        token: { id: "t1", familyId: "f", expiresAt },
        family: family("f"),
      });
      assert.equal(await store.find("t2"), undefined);
      same(await store.getFamily("f"), family("f"));
      assert.equal(await store.getFamily("F"), undefined);
    });

    it("rotate() marks a token as used, stores the next, and can be done once", async () => {
      const { refreshTokens: store } = (await open()).stores;
      await store.create(family("f"), { id: "t1", expiresAt });
      assert.equal(await store.rotate("t1", rotation("t2")), true);
      same((await store.find("t1"))?.token, {
        id: "t1",
        familyId: "f",
        expiresAt,
        usedAt: at + 1,
        salt: "salt-t2",
        nextId: "t2",
      });
      assert.equal((await store.find("t2"))?.family.lastUsedAt, at + 1);
      assert.equal(await store.rotate("t1", rotation("t3")), false);
      assert.equal(await store.find("t3"), undefined);
      assert.equal((await store.find("t1"))?.token.nextId, "t2");
      assert.equal(await store.rotate("none", rotation("t4")), false);
    });

    it("Trap: of many that rotate() one token at once, from two ends, one does, and there is one successor", async () => {
      const { stores, again } = await open();
      const other = (await again?.()) ?? stores;
      await stores.refreshTokens.create(family("f"), { id: "t", expiresAt });
      const done = await Promise.all(
        Array.from({ length: 50 }, (_, each) =>
          (each % 2 === 0 ? stores : other).refreshTokens.rotate("t", rotation(`n${each}`)),
        ),
      );
      assert.equal(done.filter(Boolean).length, 1);
      const found = await Promise.all(done.map((_, each) => stores.refreshTokens.find(`n${each}`)));
      assert.equal(found.filter((each) => each !== undefined).length, 1);
      assert.equal(
        found.findIndex((each) => each !== undefined),
        done.indexOf(true),
      );
    });

    it("revoke() ends a family, its next tokens too; once", async () => {
      const { refreshTokens: store } = (await open()).stores;
      await store.create(family("f"), { id: "t1", expiresAt });
      assert.equal(await store.revoke("f", at + 5), true);
      assert.equal(await store.revoke("f", at + 6), false);
      assert.equal(await store.revoke("none", at), false);
      assert.equal((await store.find("t1"))?.family.revokedAt, at + 5);
      assert.equal(await store.rotate("t1", rotation("t2")), false);
      assert.equal(await store.find("t2"), undefined);
    });

    it("Trap: a family that is revoked while its token is rotated has no successor that is not revoked", async () => {
      const { stores, again } = await open();
      const other = (await again?.()) ?? stores;
      for (let round = 0; round < 10; round += 1) {
        const [f, t, n] = [`f${round}`, `t${round}`, `n${round}`];
        await stores.refreshTokens.create(family(f), { id: t, expiresAt });
        await Promise.all([
          stores.refreshTokens.rotate(t, rotation(n)),
          other.refreshTokens.revoke(f, at + 2),
        ]);
        const next = await stores.refreshTokens.find(n);
        assert.ok(next === undefined || next.family.revokedAt === at + 2);
      }
    });

    it("revokeByAccount() ends the families of an account, but for one to keep, and says how many", async () => {
      const { refreshTokens: store } = (await open()).stores;
      for (const id of ["a", "b", "c"]) {
        await store.create(family(id), { id: `t${id}`, expiresAt });
      }
      await store.create(family("other", { accountId: "bob" }), { id: "tother", expiresAt });
      assert.equal(await store.revokeByAccount("ada", at, { exceptId: "b" }), 2);
      assert.equal(await store.revokeByAccount("ada", at), 1);
      assert.equal(await store.revokeByAccount("ada", at), 0);
      assert.equal((await store.getFamily("other"))?.revokedAt, undefined);
    });

    it("listByAccount() gives those that go on, the latest used first", async () => {
      const { refreshTokens: store } = (await open()).stores;
      await store.create(family("a", { lastUsedAt: at - 2 }), { id: "ta", expiresAt });
      await store.create(family("b"), { id: "tb", expiresAt });
      await store.create(family("c", { expiresAt: at }), { id: "tc", expiresAt: at });
      await store.create(family("d"), { id: "td", expiresAt });
      await store.revoke("d", at);
      const ids = (await store.listByAccount("ada", at)).map(({ id }) => id);
      same(ids, ["b", "a"]);
      same(await store.listByAccount("nobody", at), []);
    });

    it("prune() deletes families that expired before, with their tokens", async () => {
      const { refreshTokens: store } = (await open()).stores;
      await store.create(family("old", { expiresAt: at - 1 }), { id: "t1", expiresAt: at - 1 });
      await store.create(family("new"), { id: "t2", expiresAt });
      assert.equal(await store.prune(at), 1);
      assert.equal(await store.find("t1"), undefined);
      assert.equal(await store.getFamily("old"), undefined);
      assert.notEqual(await store.find("t2"), undefined);
    });
  });
}
