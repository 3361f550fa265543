import assert from "node:assert/strict";

import { systemClock, type Clock, type RateLimitStore } from "@infra/interfaces";

import { afterEach, describe, it } from "./runner.js";

/**
 * The tests that every `RateLimitStore` passes.
 *
 * @param create a store that nobody else uses, on this clock where one is given, and what closes it; `again` opens another
 * on the same counts.
 */
export function describeRateLimitStoreContract(
  name: string,
  create: (options: { readonly clock: Clock }) => Promise<{
    readonly store: RateLimitStore;
    readonly again?: () => Promise<RateLimitStore>;
    close(): Promise<void>;
  }>,
): void {
  describe(`RateLimitStore contract: ${name}`, () => {
    const opened: { close(): Promise<void> }[] = [];
    let nowMs = 0;
    const clock: Clock = { ...systemClock, now: () => nowMs };
    const open = async (): ReturnType<typeof create> => {
      // not on the edge of anything
      nowMs = 1_700_000_000_123;
      const made = await create({ clock });
      opened.push(made);
      return made;
    };
    afterEach(async () => {
      for (const each of opened.splice(0)) await each.close();
    });
    const rule = { limit: 10, windowMs: 60_000 };

    it("consume() allows the limit in a window, and says how things stand", async () => {
      const { store } = await open();
      const first = await store.consume("a", rule);
      assert.equal(first.allowed, true);
      assert.equal(first.remaining, 9);
      assert.equal(first.retryAfterMs, 0);
      assert.ok(first.resetMs >= 60_000 && first.resetMs <= 66_000, String(first.resetMs));
      for (let left = 8; left >= 0; left -= 1) {
        assert.equal((await store.consume("a", rule)).remaining, left);
      }
      const refused = await store.consume("a", rule);
      assert.equal(refused.allowed, false);
      assert.equal(refused.remaining, 0);
      assert.ok(refused.retryAfterMs >= 60_000 && refused.retryAfterMs <= 66_000);
    });

    it("consume() counts each key, and each window's length, by itself", async () => {
      const { store } = await open();
      const one = { limit: 1, windowMs: 1000 };
      assert.equal((await store.consume("a", one)).allowed, true);
      assert.equal((await store.consume("b", one)).allowed, true);
      assert.equal((await store.consume("a", { ...one, windowMs: 2000 })).allowed, true);
      assert.equal((await store.consume("a", one)).allowed, false);
    });

    it("consume() of a refused attempt counts nothing, and retryAfterMs is when it would be allowed", async () => {
      const { store } = await open();
      const two = { limit: 2, windowMs: 3000 };
      await store.consume("a", two);
      nowMs += 1500;
      await store.consume("a", two);
      const { retryAfterMs } = await store.consume("a", two);
      for (let at = 0; at < 20; at += 1) await store.consume("a", two);
      nowMs += retryAfterMs - 1;
      assert.equal((await store.consume("a", two)).allowed, false);
      nowMs += 1;
      assert.equal((await store.consume("a", two)).allowed, true);
      assert.equal((await store.consume("a", two)).allowed, false);
    });

    it("Trap: in no window are there more than the limit, wherever it begins", async () => {
      const { store } = await open();
      const five = { limit: 5, windowMs: 1000 };
      const allowed: number[] = [];
      // a client that sends all the time, at uneven distances
      for (let at = 0; at < 150; at += 1) {
        nowMs += (at * 37) % 41;
        if ((await store.consume("a", five)).allowed) allowed.push(nowMs);
      }
      assert.ok(allowed.length > 10);
      for (const [at, start] of allowed.entries()) {
        const within = allowed.slice(at).filter((each) => each < start + 1000).length;
        assert.ok(within <= 5, `${within} within a second of ${start}`);
      }
    });

    it("consume() is exact when many come at once, from two ends", async () => {
      const { store, again } = await open();
      const other = (await again?.()) ?? store;
      const attempts = Array.from({ length: 400 }, (_, at) =>
        (at % 2 === 0 ? store : other).consume("a", { limit: 100, windowMs: 60_000 }),
      );
      const allowed = (await Promise.all(attempts)).filter((each) => each.allowed);
      assert.equal(allowed.length, 100);
    });

    it("burst is there after a whole quiet window, not for a client that never pauses", async () => {
      const { store } = await open();
      const bursty = { limit: 2, windowMs: 1000, burst: 3 };
      const allowedOf = async (times: number): Promise<number> => {
        let allowed = 0;
        for (let at = 0; at < times; at += 1) {
          if ((await store.consume("a", bursty)).allowed) allowed += 1;
        }
        return allowed;
      };
      assert.equal(await allowedOf(9), 5);
      for (let window = 0; window < 4; window += 1) {
        nowMs += 1100;
        assert.equal(await allowedOf(9), 2);
      }
      nowMs += 2100;
      assert.equal(await allowedOf(9), 5);
    });

    it("cost weighs an attempt; one that is dearer than the limit is never allowed", async () => {
      const { store } = await open();
      assert.equal((await store.consume("a", rule, { cost: 7 })).remaining, 3);
      assert.equal((await store.consume("a", rule, { cost: 4 })).allowed, false);
      assert.equal((await store.consume("a", rule, { cost: 3 })).allowed, true);
      assert.equal((await store.consume("b", rule, { cost: 11 })).allowed, false);
      assert.equal((await store.consume("c", { ...rule, limit: 0 })).allowed, false);
    });

    it("reset() forgets a key, and no other; idempotent", async () => {
      const { store } = await open();
      const one = { limit: 1, windowMs: 60_000 };
      for (const key of ["a*", "ab", "a"]) await store.consume(key, one);
      await store.reset("a*");
      await store.reset("a*");
      assert.equal((await store.consume("a*", one)).allowed, true);
      assert.equal((await store.consume("ab", one)).allowed, false);
      assert.equal((await store.consume("a", one)).allowed, false);
    });

    it("refuses what is no rule or key", async () => {
      const { store } = await open();
      await assert.rejects(store.consume("", rule), /key/);
      await assert.rejects(store.consume("a", { ...rule, limit: -1 }), /limit/);
      await assert.rejects(store.consume("a", { ...rule, windowMs: 0 }), /windowMs/);
      await assert.rejects(store.consume("a", rule, { cost: 0.5 }), /cost/);
    });

    it("consume() ends its wait when the signal is aborted", async () => {
      const { store } = await open();
      const reason = new Error("enough");
      await assert.rejects(
        store.consume("a", rule, { signal: AbortSignal.abort(reason) }),
        (error) => error === reason,
      );
    });
  });
}
