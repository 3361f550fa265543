import assert from "node:assert/strict";

import type { Account } from "@infra/auth";

import { describe, it } from "../runner.js";
import { same } from "../same.js";
import { opener, type AuthStoresUnderTest } from "./stores.js";

const account = (id: string, more: Partial<Account> = {}): Account => ({
  id,
  email: `${id}@example.org`,
  login: `${id}@example.org`,
  createdAt: 1_700_000_000_000,
  roles: ["user"],
  tickets: [{ purpose: "verify-email", hash: "00", expiresAt: 1_700_000_000_000 }],
  data: { name: "Ada ☃", nested: { deep: [1] } },
  revision: "r1",
  ...more,
});
const coded = (code: string) => (error: unknown) => (error as { code?: string }).code === code;

/** The tests that every `AccountStore` passes. */
export function describeAccountStoreContract(
  name: string,
  create: () => Promise<AuthStoresUnderTest>,
): void {
  describe(`AccountStore contract: ${name}`, () => {
    const open = opener(create);

    it("get() and findByLogin() give what create() stored, and undefined for what is missing", async () => {
      const { accounts } = (await open()).stores;
      const ada = account("ada");
      await accounts.create(ada);
      same(await accounts.get("ada"), ada);
      same(await accounts.findByLogin(ada.login), ada);
      assert.equal(await accounts.get("bob"), undefined);
      assert.equal(await accounts.findByLogin("bob@example.org"), undefined);
    });

    it("Trap: finds by exactly what was asked for, whatever a collation takes for the same", async () => {
      const { accounts } = (await open()).stores;
      await accounts.create(account("jose", { login: "josé@example.org" }));
      assert.equal(await accounts.findByLogin("jose@example.org"), undefined);
      assert.equal(await accounts.get("JOSE"), undefined);
      await accounts.create(account("other", { login: "jose@example.org" }));
      assert.equal((await accounts.findByLogin("jose@example.org"))?.id, "other");
      assert.equal((await accounts.findByLogin("josé@example.org"))?.id, "jose");
    });

    it("create() of a login that is taken is refused, also when many come at once", async () => {
      const { accounts } = (await open()).stores;
      const attempts = Array.from({ length: 10 }, (_, at) =>
        accounts.create(account(`id${at}`, { login: "one@example.org" })),
      );
      const results = await Promise.allSettled(attempts);
      assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
      for (const result of results) {
        if (result.status === "rejected") {
          assert.ok(coded("ERR_AUTH_EMAIL_TAKEN")(result.reason), String(result.reason));
        }
      }
    });

    it("update() writes over an account with this revision, and only such a one", async () => {
      const { accounts } = (await open()).stores;
      const ada = account("ada");
      await accounts.create(ada);
      const next = { ...ada, roles: ["admin"], revision: "r2" };
      assert.equal(await accounts.update(next, "r0"), false);
      same(await accounts.get("ada"), ada);
      assert.equal(await accounts.update(next, "r1"), true);
      same(await accounts.get("ada"), next);
      assert.equal(await accounts.update({ ...next, revision: "r3" }, "r1"), false);
      assert.equal(await accounts.update(account("nobody", { revision: "r2" }), "r1"), false);
    });

    it("Trap: of many that update() one revision at once, one does", async () => {
      const { stores, again } = await open();
      const other = (await again?.()) ?? stores;
      const ada = account("ada");
      await stores.accounts.create(ada);
      const done = await Promise.all(
        Array.from({ length: 20 }, (_, at) =>
          (at % 2 === 0 ? stores : other).accounts.update({ ...ada, revision: `n${at}` }, "r1"),
        ),
      );
      assert.equal(done.filter(Boolean).length, 1);
      assert.equal((await stores.accounts.get("ada"))?.revision, `n${done.indexOf(true)}`);
    });

    it("update() moves an account to a new login, unless that is taken", async () => {
      const { accounts } = (await open()).stores;
      const [ada, bob] = [account("ada"), account("bob")];
      await accounts.create(ada);
      await accounts.create(bob);
      const moved = { ...ada, login: "lovelace@example.org", revision: "r2" };
      assert.equal(await accounts.update(moved, "r1"), true);
      assert.equal((await accounts.findByLogin("lovelace@example.org"))?.id, "ada");
      assert.equal(await accounts.findByLogin("ada@example.org"), undefined);
      await assert.rejects(
        accounts.update({ ...bob, login: moved.login, revision: "r2" }, "r1"),
        coded("ERR_AUTH_EMAIL_TAKEN"),
      );
      same(await accounts.get("bob"), bob);
    });

    it("what get() gave is its caller's: changing it changes nothing", async () => {
      const { accounts } = (await open()).stores;
      await accounts.create(account("ada"));
      ((await accounts.get("ada"))!.roles as string[]).push("admin");
      same((await accounts.get("ada"))!.roles, ["user"]);
    });

    it("link() makes an identity an account's, once; unlink() and delete() end it", async () => {
      const { accounts } = (await open()).stores;
      await accounts.create(account("ada"));
      await accounts.create(account("bob"));
      const identity = { issuer: "https://id.example", subject: "Ab" };
      await accounts.link("ada", identity);
      await accounts.link("ada", identity);
      assert.equal((await accounts.findByIdentity(identity))?.id, "ada");
      assert.equal(await accounts.findByIdentity({ ...identity, subject: "ab" }), undefined);
      await assert.rejects(accounts.link("bob", identity), coded("ERR_AUTH_IDENTITY_TAKEN"));
      await accounts.unlink("bob", identity);
      same(await accounts.identities("ada"), [identity]);
      await accounts.unlink("ada", identity);
      await accounts.unlink("ada", identity);
      assert.equal(await accounts.findByIdentity(identity), undefined);
      await accounts.link("bob", identity);
      await accounts.delete("bob");
      await accounts.delete("bob");
      assert.equal(await accounts.findByIdentity(identity), undefined);
      assert.equal(await accounts.get("bob"), undefined);
      assert.equal(await accounts.findByLogin("bob@example.org"), undefined);
      await accounts.link("ada", identity);
      assert.equal((await accounts.findByIdentity(identity))?.id, "ada");
    });
  });
}
