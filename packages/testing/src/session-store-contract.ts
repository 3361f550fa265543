import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import { systemClock, type Clock, type SessionStore, type StoredSession } from "@infra/interfaces";

import { afterEach, describe, it } from "./runner.js";
import { same } from "./same.js";

const day = 86_400_000;

/**
 * The tests that every `SessionStore` passes.
 *
 * @param create a store that nobody else uses, on this clock, and what closes it.
 */
export function describeSessionStoreContract(
  name: string,
  create: (options: {
    readonly clock: Clock;
  }) => Promise<{ readonly store: SessionStore; close(): Promise<void> }>,
): void {
  describe(`SessionStore contract: ${name}`, () => {
    const opened: { close(): Promise<void> }[] = [];
    let nowMs = 0;
    const clock: Clock = { ...systemClock, now: () => nowMs };
    const open = async (): Promise<SessionStore> => {
      // near the real time, for engines that count down by their own clock
      nowMs = Date.now();
      const made = await create({ clock });
      opened.push(made);
      return made.store;
    };
    afterEach(async () => {
      for (const each of opened.splice(0)) await each.close();
    });
    const session = (id: string, more: Partial<StoredSession> = {}): StoredSession => ({
      id: createHash("sha256").update(id).digest("hex"),
      userId: "ada",
      data: { list: [1, { deep: "é ☃" }], no: null },
      createdAt: clock.now(),
      lastSeenAt: clock.now(),
      expiresAt: clock.now() + day,
      ...more,
    });

    it("get() gives what set() stored, and undefined for what is missing", async () => {
      const store = await open();
      const one = session("one");
      assert.equal(await store.get(one.id), undefined);
      await store.set(one);
      same(await store.get(one.id), one);
    });

    it("set() stores a visitor's session, and writes over one that is there, whole", async () => {
      const store = await open();
      const { userId: _nobody, ...visitor } = session("one");
      await store.set(visitor);
      same(await store.get(visitor.id), visitor);
      const changed = session("one", { userId: "bob", data: { other: true } });
      await store.set(changed);
      same(await store.get(visitor.id), changed);
    });

    it("what get() gave is its caller's: changing it changes nothing", async () => {
      const store = await open();
      const one = session("one", { data: { list: [1] } });
      await store.set(one);
      const got = await store.get(one.id);
      (got!.data as { list: number[] }).list.push(2);
      same((await store.get(one.id))!.data, { list: [1] });
    });

    it("get() and listByUser() give no session from its expiry on", async () => {
      const store = await open();
      const one = session("one", { expiresAt: clock.now() + 1000 });
      await store.set(one);
      nowMs += 999;
      assert.notEqual(await store.get(one.id), undefined);
      nowMs += 1;
      assert.equal(await store.get(one.id), undefined);
      same(await store.listByUser("ada"), []);
    });

    it("touch() writes the two times, and nothing else", async () => {
      const store = await open();
      const one = session("one");
      await store.set(one);
      const times = { lastSeenAt: one.lastSeenAt + 5, expiresAt: one.expiresAt + 5 };
      await store.touch(one.id, times);
      same(await store.get(one.id), { ...one, ...times });
    });

    it("touch() writes the data too if given, and keeps it otherwise", async () => {
      const store = await open();
      const one = session("one");
      await store.set(one);
      const { lastSeenAt, expiresAt } = one;
      await store.touch(one.id, { lastSeenAt, expiresAt, data: { other: [1] } });
      await store.touch(one.id, { lastSeenAt: lastSeenAt + 1, expiresAt });
      same(await store.get(one.id), { ...one, lastSeenAt: lastSeenAt + 1, data: { other: [1] } });
      await store.set(one);
      same(await store.get(one.id), one);
    });

    it("touch() keeps a session alive beyond its first expiry", async () => {
      const store = await open();
      const one = session("one", { expiresAt: clock.now() + 60_000 });
      await store.set(one);
      await store.touch(one.id, { lastSeenAt: clock.now(), expiresAt: clock.now() + 2 * day });
      nowMs += day;
      assert.notEqual(await store.get(one.id), undefined);
    });

    it("Trap: touch() never brings back a session that was deleted", async () => {
      const store = await open();
      const one = session("one");
      await store.set(one);
      await store.delete(one.id);
      const times = { lastSeenAt: clock.now(), expiresAt: clock.now() + day };
      await store.touch(one.id, times);
      await store.touch(one.id, { ...times, data: { back: true } });
      assert.equal(await store.get(one.id), undefined);
      same(await store.listByUser("ada"), []);
    });

    it("prune(), where there is one, deletes what expired before, and nothing else", async () => {
      const store = await open();
      const [old, kept] = [session("old", { expiresAt: clock.now() + 1000 }), session("kept")];
      await store.set(old);
      await store.set(kept);
      nowMs += 2000;
      const pruned = await store.prune?.(clock.now());
      assert.ok(pruned === undefined || pruned === 1, String(pruned));
      assert.equal(await store.prune?.(clock.now()), pruned && 0);
      assert.equal(await store.get(old.id), undefined);
      same(await store.get(kept.id), kept);
    });

    it("delete() is idempotent", async () => {
      const store = await open();
      const one = session("one");
      await store.set(one);
      await store.delete(one.id);
      await store.delete(one.id);
      assert.equal(await store.get(one.id), undefined);
    });

    it("listByUser() gives a user's sessions, the latest seen first", async () => {
      const store = await open();
      const at = clock.now();
      for (const [id, lastSeenAt, userId] of [
        ["old", at - 20, "ada"],
        ["new", at, "ada"],
        ["middle", at - 10, "ada"],
        ["other", at, "bob"],
      ] as const) {
        await store.set(session(id, { lastSeenAt, userId }));
      }
      const times = (await store.listByUser("ada")).map(({ lastSeenAt }) => lastSeenAt - at);
      same(times, [0, -10, -20]);
      same(await store.listByUser("nobody"), []);
    });

    it("deleteByUser() deletes a user's sessions, but for one to keep, and says how many", async () => {
      const store = await open();
      const mine = ["a", "b", "c"].map((id) => session(id));
      const other = session("d", { userId: "bob" });
      for (const each of [...mine, other]) await store.set(each);
      assert.equal(await store.deleteByUser("ada", { exceptId: mine[1]!.id }), 2);
      same(await store.listByUser("ada"), [mine[1]]);
      same(await store.get(mine[1]!.id), mine[1]);
      assert.equal(await store.get(mine[0]!.id), undefined);
      assert.notEqual(await store.get(other.id), undefined);
      assert.equal(await store.deleteByUser("ada"), 1);
      assert.equal(await store.deleteByUser("ada"), 0);
    });

    it("keeps many that are stored at once", async () => {
      const store = await open();
      const many = Array.from({ length: 20 }, (_, at) => session(`s${at}`));
      await Promise.all(many.map((each) => store.set(each)));
      const found = await Promise.all(many.map(({ id }) => store.get(id)));
      assert.equal(found.filter((each) => each !== undefined).length, 20);
      await store.deleteByUser("ada");
      const left = await Promise.all(many.map(({ id }) => store.get(id)));
      assert.ok(left.every((each) => each === undefined));
    });
  });
}
