import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";

import type { CacheStore } from "@infra/interfaces";

import { afterEach, describe, it } from "./runner.js";
import { until } from "./until.js";

/** Options of {@link describeCacheStoreContract}. */
export interface CacheStoreContractOptions {
  /** What the store can't do, and why: those tests are skipped, visibly. */
  readonly lacks?: {
    /** `add` of two stores at the same time. */
    readonly atomicAdd?: string;
    /** `keys`, and `clear` with a prefix. */
    readonly keys?: string;
  };
}

/** Characters that mean something to some store. */
const odd = [
  "a:b",
  "100%",
  "snake_case",
  "*",
  "a?c",
  "[x]",
  "back\\slash",
  'it\'s "so"',
  "ünï 漢字 🙂",
];

// the first test may have to start a server
const test = (title: string, body: () => Promise<void>): void => it(title, body, 30_000);
const unless = (reason: string | undefined, title: string, body: () => Promise<void>): void =>
  reason === undefined ? test(title, body) : it.skip(`${title} (skipped: ${reason})`, body);

/**
 * The tests that every `CacheStore` passes.
 *
 * @param create a store whose keys begin with `prefix`, so that nothing else is seen through it; called once or more for
 * each test, with the same prefix where values are to be shared. What it makes is closed.
 */
export function describeCacheStoreContract(
  name: string,
  create: (options: { readonly prefix: string }) => CacheStore | Promise<CacheStore>,
  { lacks = {} }: CacheStoreContractOptions = {},
): void {
  const made: CacheStore[] = [];
  const open = async (prefix = randomBytes(6).toString("hex")): Promise<CacheStore> => {
    const store = await create({ prefix });
    made.push(store);
    return store;
  };

  describe(`CacheStore contract: ${name}`, () => {
    afterEach(async () => {
      for (const store of made.splice(0)) {
        await store.clear().catch(() => {});
        await store.close?.();
        await store.close?.();
      }
    });

    test("get() gives undefined for what is missing", async () => {
      const store = await open();
      assert.equal(await store.get("nothing"), undefined);
    });

    test("get() gives the text that was set, whatever it says", async () => {
      const store = await open();
      for (const text of ["", "0", "null", "{}", "a\nb|c", "ünï 漢字 🙂", "x".repeat(200_000)]) {
        await store.set("key", text);
        assert.equal(await store.get("key"), text);
      }
    });

    test("takes any key, and keeps them apart", async () => {
      const store = await open();
      const keys = [...odd, "k".repeat(700), "@ns:key", " "];
      for (const [at, key] of keys.entries()) await store.set(key, `value ${at}`);
      assert.deepEqual(
        await store.getMany(keys),
        keys.map((_, at) => `value ${at}`),
      );
      for (const [at, key] of keys.entries()) assert.equal(await store.get(key), `value ${at}`);
    });

    test("getMany() has an entry for each key in their order, also for one asked twice and for none", async () => {
      const store = await open();
      await store.set("a", "1");
      await store.set("b", "2");
      assert.deepEqual(await store.getMany(["b", "x", "a", "b"]), ["2", undefined, "1", "2"]);
      assert.deepEqual(await store.getMany([]), []);
    });

    test("set() writes over what was there, its expiry included", async () => {
      const store = await open();
      await store.set("key", "old", { ttlMs: 30 });
      await store.set("key", "new");
      await store.set("other", "soon gone", { ttlMs: 30 });
      await until(async () => (await store.get("other")) === undefined);
      assert.equal(await store.get("key"), "new");
    });

    test("set() with a ttl: there before, missing after, everywhere", async () => {
      const store = await open();
      await store.set("long", "here", { ttlMs: 60_000.5 });
      await store.set("short", "gone", { ttlMs: 20 });
      await until(async () => (await store.get("short")) === undefined);
      assert.deepEqual(await store.getMany(["short", "long"]), [undefined, "here"]);
      assert.equal(await store.delete(["short"]), 0);
    });

    test("setMany() sets all of them, the last of two with one key", async () => {
      const store = await open();
      await store.setMany([
        ["a", "1"],
        ["b", "2"],
        ["a", "3"],
      ]);
      assert.deepEqual(await store.getMany(["a", "b"]), ["3", "2"]);
      await store.setMany([]);
      await store.setMany([["c", "4"]], { ttlMs: 20 });
      await until(async () => (await store.get("c")) === undefined);
    });

    test("add() sets what is missing and nothing else", async () => {
      const store = await open();
      assert.equal(await store.add("key", "first"), true);
      assert.equal(await store.add("key", "second"), false);
      assert.equal(await store.get("key"), "first");
      await store.delete(["key"]);
      assert.equal(await store.add("key", "third", { ttlMs: 20 }), true);
      await until(() => store.add("key", "fourth", { ttlMs: 60_000 }));
      assert.equal(await store.get("key"), "fourth");
    });

    test("add() of many at the same time lets one through", async () => {
      const store = await open();
      const added = await Promise.all(
        Array.from({ length: 20 }, (_, at) => store.add("key", `${at}`)),
      );
      assert.equal(added.filter(Boolean).length, 1);
      assert.equal(await store.get("key"), `${added.indexOf(true)}`);
    });

    unless(lacks.atomicAdd, "add() of two stores at the same time lets one through", async () => {
      const [one, other] = [await open("shared-prefix"), await open("shared-prefix")];
      for (let round = 0; round < 10; round += 1) {
        const added = await Promise.all(
          [one, other, one, other].map((store, at) => store.add(`key ${round}`, `${at}`)),
        );
        assert.equal(added.filter(Boolean).length, 1);
      }
    });

    test("delete() deletes what is there, and counts it", async () => {
      const store = await open();
      await store.set("a", "1");
      await store.set("b", "2");
      assert.equal(await store.delete(["a", "x", "a"]), 1);
      assert.equal(await store.delete(["a"]), 0);
      assert.equal(await store.delete([]), 0);
      assert.deepEqual(await store.getMany(["a", "b"]), [undefined, "2"]);
    });

    test("clear() leaves other prefixes of the same place alone", async () => {
      const [one, other] = [await open(), await open()];
      await one.set("key", "1");
      await other.set("key", "2");
      assert.equal(await one.get("key"), "1");
      await one.clear();
      assert.deepEqual([await one.get("key"), await other.get("key")], [undefined, "2"]);
    });

    unless(
      lacks.keys,
      "clear() with a prefix deletes what begins with it, to the letter",
      async () => {
        const store = await open();
        for (const start of odd) {
          await store.clear();
          await store.set(`${start}:1`, "in");
          await store.set(`${start}:2`, "in");
          await store.set(`x${start}:1`, "out");
          await store.set("abc:1", "out");
          await store.clear(`${start}:`);
          assert.deepEqual(
            await store.getMany([`${start}:1`, `${start}:2`, `x${start}:1`, "abc:1"]),
            [undefined, undefined, "out", "out"],
            start,
          );
        }
      },
    );

    unless(lacks.keys, "clear() and keys() find everything, however much there is", async () => {
      const store = await open();
      const keys = Array.from({ length: 1_234 }, (_, at) => `n:${at}`);
      await store.setMany(keys.map((key) => [key, "x"]));
      await store.set("other", "x");
      assert.deepEqual((await all(store, "n:")).toSorted(), keys.toSorted());
      assert.equal((await all(store)).length, keys.length + 1);
      await store.clear("n:");
      assert.deepEqual(await all(store), ["other"]);
    });

    test("rejects with the reason of a signal that is aborted", async () => {
      const store = await open();
      const reason = new Error("no longer wanted");
      const signal = AbortSignal.abort(reason);
      const calls = [
        store.get("key", { signal }),
        store.getMany(["key"], { signal }),
        store.set("key", "value", { signal }),
        store.setMany([["key", "value"]], { signal }),
        store.add("key", "value", { signal }),
        store.delete(["key"], { signal }),
        store.clear("", { signal }),
      ];
      for (const { status, ...outcome } of await Promise.allSettled(calls)) {
        assert.deepEqual({ status, ...outcome }, { status: "rejected", reason });
      }
    });

    test("prune(), where there is one, removes what has expired", async () => {
      const store = await open();
      await store.set("stays", "1");
      await store.set("goes", "2", { ttlMs: 20 });
      await until(async () => (await store.get("goes")) === undefined);
      const pruned = (await store.prune?.()) ?? 0;
      assert.ok(pruned === 0 || pruned === 1);
      assert.equal(await store.get("stays"), "1");
    });

    test("open(), where there is one, may be called again", async () => {
      const store = await open();
      await store.open?.();
      await store.open?.();
      await store.set("key", "value");
      assert.equal(await store.get("key"), "value");
    });
  });
}

async function all(store: CacheStore, prefix?: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of store.keys?.(prefix) ?? []) keys.push(key);
  return keys;
}
