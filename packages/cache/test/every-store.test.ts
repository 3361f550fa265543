import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";

import { testDatabases, testRedis, until } from "@infra/testing";
import { MockDatabaseService } from "@infra/testing/database";
import { afterAll, afterEach, describe, expect, it } from "@jest/globals";

import { KeyvCacheStore } from "../src/drivers/keyv.js";
import { MemoryCacheStore } from "../src/drivers/memory.js";
import { CacheService, type CacheOptions } from "../src/index.js";

const redis = testRedis(process.env);
const postgres = (await testDatabases(process.env)).find(({ name }) => name === "postgres")!;
let embedded: MockDatabaseService | undefined;
let postgresUrl: Promise<string> | undefined;

interface Engine {
  readonly name: string;
  readonly missing?: string | undefined;
  readonly options: () => Promise<CacheOptions>;
}

const redisUrl = async (): Promise<string> => redis.url();
const patient = { storeTimeout: "10s", connectTimeout: "1m", storeFailure: "throw" } as const;
const prefix = (): string => randomBytes(6).toString("hex");

const engines: readonly Engine[] = [
  { name: "memory", options: async () => ({}) },
  {
    name: "memory and a shared store",
    options: async () => ({ store: new MemoryCacheStore(), memory: true }),
  },
  { name: "a shared store", options: async () => ({ store: new MemoryCacheStore() }) },
  { name: "keyv", options: async () => ({ store: new KeyvCacheStore(new Map()) }) },
  {
    name: "memory and redis",
    missing: redis.missing,
    options: async () => ({ url: await redisUrl(), prefix: prefix(), ...patient }),
  },
  {
    name: "redis",
    missing: redis.missing,
    options: async () => ({ url: await redisUrl(), prefix: prefix(), memory: false, ...patient }),
  },
  {
    name: "postgres",
    missing: postgres.missing,
    options: async () => ({
      url: await (postgresUrl ??= postgres.url()),
      prefix: prefix(),
      ...patient,
    }),
  },
  {
    name: "the embedded database",
    options: async () => ({ url: "database:", prefix: prefix(), ...patient }),
  },
];

/** Values that come back equal. */
const values: Readonly<Record<string, unknown>> = {
  undefined,
  null: null,
  "an empty string": "",
  "a string with everything": "ünï 漢字 🙂 \ud800 \0 \n \u2028",
  zero: 0,
  "-0": -0,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
  false: false,
  BigInt: 12_345_678_901_234_567_890n,
  Date: new Date("2030-01-02T03:04:05.678Z"),
  Buffer: Buffer.from([0, 255, 128]),
  Uint8Array: new Uint8Array([1, 2, 3]),
  "a view of a part": new Uint16Array(new Uint16Array([1, 2, 3, 4]).buffer, 2, 2),
  Float64Array: new Float64Array([0.1, -0, Number.NaN]),
  BigInt64Array: new BigInt64Array([1n, -1n]),
  ArrayBuffer: new Uint8Array([1, 2, 3]).buffer,
  Map: new Map<unknown, unknown>([
    ["a", 1],
    [{ key: "object" }, new Map([[1n, undefined]])],
  ]),
  Set: new Set<unknown>([1, "1", undefined, new Date(0)]),
  RegExp: /a"b\/c/giu,
  URL: new URL("https://example.test/path?q=1#x"),
  "an empty object": {},
  "an empty array": [],
  "an object without a prototype": Object.assign(Object.create(null) as object, { a: 1 }),
  "an object with __proto__": JSON.parse('{"__proto__":{"a":[1]},"constructor":1}') as unknown,
  "an object with $": { $: ["Date", 1], nested: { $: { $: 1n } } },
  nested: {
    id: 7,
    tags: ["a", undefined, null, -0],
    when: new Date(1),
    by: new Map([["x", { list: [new Set([1n]), Buffer.from("bytes")] }]]),
    missing: undefined,
    deep: { deeper: { deepest: [[[[{ end: true }]]]] } },
  },
  "much text": { text: "compress me ".repeat(10_000), when: new Date(2) },
};

class Point {
  constructor(readonly x: number) {}
}

const circle: Record<string, unknown> = {};
circle["self"] = { circle };

const sparse: unknown[] = [];
sparse[2] = "the third of none";

/** What is refused, and where in it. */
const refused: Readonly<Record<string, readonly [value: unknown, path: string, what: string]>> = {
  "a function": [() => {}, "", "a function"],
  "a method": [{ a: { b() {} } }, "a.b", "a function"],
  "a symbol": [Symbol("x"), "", "a symbol"],
  "a symbol as a key": [{ list: [{ [Symbol("x")]: 1 }] }, "list[0]", "a symbol as a key"],
  "an instance of a class": [{ at: new Point(1) }, "at", "an instance of Point"],
  "an Error": [new Error("no"), "", "an instance of Error"],
  "a subclass of Map": [new (class Special extends Map {})(), "", "an instance of Special"],
  "a Promise": [{ p: Promise.resolve(1) }, "p", "an instance of Promise"],
  "a hole in an array": [sparse, "[0]", "a hole in an array"],
  "a circle": [circle, "self", "a circle"],
};

afterAll(async () => {
  await embedded?.stop();
  await redis.close();
  await postgres.close();
});

async function keysOf(cache: { keys(): AsyncIterable<string> }): Promise<string[]> {
  const keys = [];
  for await (const key of cache.keys()) keys.push(key);
  return keys.toSorted();
}

const title = ({ name, missing }: Engine): string =>
  missing === undefined ? name : `${name} (skipped: ${missing})`;

for (const engine of engines) {
  const present = engine.missing === undefined ? describe : describe.skip;
  present(title(engine), () => describeCache(engine));
}

function describeCache({ options }: Engine): void {
  const caches: CacheService[] = [];
  const open = async (more: CacheOptions = {}): Promise<CacheService> => {
    const all = { ...(await options()), ...more };
    if (all.url === "database:") embedded ??= new MockDatabaseService();
    const cache = new CacheService(all, { database: embedded });
    caches.push(cache);
    return cache;
  };
  afterEach(async () => {
    for (const cache of caches.splice(0)) {
      await cache.clear();
      await cache.stop();
    }
  });
  const timeoutMs = 60_000;

  it(
    "set() and get(): values come back equal, and never the same object",
    async () => {
      const cache = await open();
      for (const [name, value] of Object.entries(values)) {
        await cache.set(name, value);
        for (const round of [1, 2]) {
          const got = await cache.get(name);
          assert.deepStrictEqual(got, value, `${name}, round ${round}`);
          if (typeof value === "object" && value !== null) assert.notEqual(got, value, name);
        }
        assert.deepStrictEqual((await cache.getMany([name])).get(name), value, name);
        const fresh = await cache.getOrSet(`${name} loaded`, () => value);
        assert.deepStrictEqual(fresh, value, name);
        assert.deepStrictEqual(await cache.get(`${name} loaded`), value, name);
      }
      // to Node.js no invalid date is equal to another
      await cache.set("invalid", [new Date(Number.NaN)]);
      const [invalid] = (await cache.get<[Date]>("invalid"))!;
      expect(invalid.getTime()).toBeNaN();
    },
    timeoutMs,
  );

  it(
    "a value that is changed after set(), or that was got, changes nothing that is kept",
    async () => {
      const cache = await open();
      const value = { list: [1, { deep: true }], map: new Map([["a", [1]]]) };
      await cache.set("key", value);
      value.list.push(2);
      const got = (await cache.get<typeof value>("key"))!;
      got.list.length = 0;
      got.map.get("a")!.push(2);
      const loaded = await cache.getOrSet("key", () => value);
      expect(loaded).toEqual({ list: [1, { deep: true }], map: new Map([["a", [1]]]) });
    },
    timeoutMs,
  );

  it(
    "set() refuses what would not come back equal, and says where it stands",
    async () => {
      const cache = await open();
      for (const [name, [value, path, what]] of Object.entries(refused)) {
        const error = await cache.set("key", value).catch((thrown: unknown) => thrown);
        expect({ name, error }).toMatchObject({
          error: { code: "ERR_CACHE_UNSUPPORTED_VALUE", message: expect.stringContaining(what) },
        });
        const { details } = error as { details: { path: string } };
        expect(details.path).toContain(path);
        expect(await cache.has("key")).toBe(false);
      }
    },
    timeoutMs,
  );

  it(
    "has() tells a stored undefined from what is missing, and getMany() too",
    async () => {
      const cache = await open();
      await cache.set("there", undefined);
      expect(await cache.get("there")).toBeUndefined();
      expect([await cache.has("there"), await cache.has("gone")]).toEqual([true, false]);
      expect(await cache.getMany(["gone", "there"])).toEqual(new Map([["there", undefined]]));
      let loads = 0;
      await cache.getOrSet("there", () => void loads++);
      expect(loads).toBe(0);
    },
    timeoutMs,
  );

  it(
    "a value is gone when its time is over, in every call",
    async () => {
      const cache = await open();
      await cache.set("short", 1, { ttl: 30 });
      await cache.set("long", 2, { ttl: "1m" });
      await until(async () => (await cache.get("short")) === undefined);
      expect(await cache.has("short")).toBe(false);
      expect(await cache.getMany(["short", "long"])).toEqual(new Map([["long", 2]]));
      expect(await cache.peek("short")).toBeUndefined();
      await cache.set("long", 3, { ttl: 0 });
      expect(await cache.get("long")).toBeUndefined();
    },
    timeoutMs,
  );

  it(
    "delete() says whether there was something, and is idempotent",
    async () => {
      const cache = await open();
      await cache.set("key", 1);
      expect(await cache.delete("key")).toBe(true);
      expect(await cache.delete("key")).toBe(false);
      expect(await cache.get("key")).toBeUndefined();
    },
    timeoutMs,
  );

  it(
    "setMany() and getMany() keep order and namespaces apart",
    async () => {
      const cache = await open();
      const users = cache.namespace("users");
      await cache.setMany([
        ["a", 1],
        ["b", 2],
      ]);
      await users.setMany(
        new Map([
          ["a", "user a"],
          ["@users:b", "odd"],
        ]),
      );
      expect([...(await cache.getMany(["b", "x", "a"]))]).toEqual([
        ["b", 2],
        ["a", 1],
      ]);
      expect([...(await users.getMany(["@users:b", "a", "b"]))]).toEqual([
        ["@users:b", "odd"],
        ["a", "user a"],
      ]);
      await cache.setMany([]);
      expect(await cache.getMany([])).toEqual(new Map());
    },
    timeoutMs,
  );

  it(
    "clear() empties a namespace and those within it, and nothing else",
    async () => {
      const cache = await open();
      const users = cache.namespace("users");
      const admins = users.namespace("admins: all");
      const others = cache.namespace("user");
      for (const each of [cache, users, admins, others]) {
        await each.set("key", 1);
        await each.set("@users:key", 1);
        await each.set("users:key", 1);
      }
      await users.clear();
      const left = await Promise.all(
        [cache, users, admins, others].map(
          async (each) => (await each.getMany(["key", "@users:key", "users:key"])).size,
        ),
      );
      expect(left).toEqual([3, 0, 0, 3]);
      await cache.clear();
      expect(await others.has("key")).toBe(false);
    },
    timeoutMs,
  );

  it(
    "invalidateTags() makes what has one of the tags missing at once, in every namespace",
    async () => {
      const cache = await open();
      const users = cache.namespace("users");
      await cache.set("a", 1, { tags: ["red", "round"] });
      await users.set("b", 2, { tags: ["red"] });
      await users.setMany([["c", 3]], { tags: ["round"] });
      await cache.set("d", 4);
      await cache.getOrSet("e", () => 5, { tags: ["red"] });
      expect(await cache.getMany(["a", "d", "e"])).toEqual(
        new Map([
          ["a", 1],
          ["d", 4],
          ["e", 5],
        ]),
      );
      await cache.invalidateTags(["red", "unknown"]);
      expect(await cache.getMany(["a", "d", "e"])).toEqual(new Map([["d", 4]]));
      expect(await users.getMany(["b", "c"])).toEqual(new Map([["c", 3]]));
      expect(await cache.has("a")).toBe(false);
      // and can be used again
      await cache.set("a", 6, { tags: ["red"] });
      expect(await cache.get("a")).toBe(6);
    },
    timeoutMs,
  );

  it(
    "getOrSet(): one load for a thousand who miss at the same time, each with a copy",
    async () => {
      const cache = await open();
      let loads = 0;
      const load = async (): Promise<{ n: number }> => {
        loads += 1;
        await new Promise((resolve) => setTimeout(resolve, 5));
        return { n: loads };
      };
      const got = await Promise.all(
        Array.from({ length: 1_000 }, () => cache.getOrSet("key", load)),
      );
      expect(loads).toBe(1);
      expect(new Set(got).size).toBe(1_000);
      expect(got.every(({ n }) => n === 1)).toBe(true);
      expect(await cache.getOrSet("key", load)).toEqual({ n: 1 });
    },
    timeoutMs,
  );

  it(
    "keys() names what is in the namespace, peek() shows it",
    async () => {
      const cache = await open();
      const users = cache.namespace("users");
      await cache.set("a", 1, { tags: ["t"] });
      await users.set("b", 2);
      await users.set("@odd", 3);
      expect(await keysOf(cache)).toEqual(["a"]);
      expect(await keysOf(users)).toEqual(["@odd", "b"]);
      expect(await cache.peek("a")).toMatchObject({ value: 1, tags: ["t"] });
      expect(await cache.peek("x")).toBeUndefined();
      expect(await cache.prune()).toBe(0);
    },
    timeoutMs,
  );

  it(
    "a value that is too large is refused by set(), and by getOrSet() given but not kept",
    async () => {
      const cache = await open({ maxValueBytes: "10kb" });
      const large = "x".repeat(20_000);
      await expect(cache.set("key", large)).rejects.toMatchObject({
        code: "ERR_CACHE_VALUE_TOO_LARGE",
      });
      expect(await cache.getOrSet("key", () => large)).toBe(large);
      expect(await cache.has("key")).toBe(false);
    },
    timeoutMs,
  );
}
