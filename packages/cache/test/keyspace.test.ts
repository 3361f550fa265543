import { ManualClock } from "@infra/testing";
import { afterEach, describe, expect, it, jest } from "@jest/globals";
import { expectTypeOf } from "expect-type";

import { CacheService } from "../src/index.js";

interface User {
  readonly id: number;
  readonly name: string;
}

const clock = new ManualClock();
const cache = new CacheService({}, { clock });
afterEach(() => cache.clear());

describe("keyspace()", () => {
  it("has ids and values of one type", async () => {
    const users = cache.keyspace<number, User>("users");
    expectTypeOf(users.get(7)).resolves.toEqualTypeOf<User | undefined>();
    expectTypeOf<Parameters<typeof users.set>[1]>().toEqualTypeOf<User>();
    await users.set(7, { id: 7, name: "Ada" });
    expect(await users.get(7)).toEqual({ id: 7, name: "Ada" });
    expect(await users.has(8)).toBe(false);
    expect(await users.getMany([8, 7])).toEqual(new Map([[7, { id: 7, name: "Ada" }]]));
    expect(await users.delete(7)).toBe(true);
    expect(await users.get(7)).toBeUndefined();
  });

  it("load makes what is missing, with the keyspace's time and tags", async () => {
    const load = jest.fn(async (id: bigint): Promise<string> => `user ${id}`);
    const users = cache.keyspace("users", {
      load,
      ttl: "10s",
      tags: (id: bigint) => [`user:${id}`],
    });
    expect(await users.get(7n)).toBe("user 7");
    expect(await users.get(7n)).toBe("user 7");
    expect(load).toHaveBeenCalledTimes(1);
    await cache.invalidateTags(["user:7"]);
    await users.get(7n);
    expect(load).toHaveBeenCalledTimes(2);
    await clock.advance(10_000);
    await users.get(7n);
    expect(load).toHaveBeenCalledTimes(3);
    expect(await users.getOrSet(8n, () => "other")).toBe("other");
  });

  it("a key is made of any id by the option key", async () => {
    const seats = cache.keyspace<{ row: number; seat: string }, boolean>("seats", {
      key: ({ row, seat }) => `${row}-${seat}`,
    });
    await seats.set({ row: 1, seat: "A" }, true);
    expect(await cache.namespace("seats").get("1-A")).toBe(true);
    const none = cache.keyspace<object, boolean>("none");
    await expect(none.get({})).rejects.toThrow(
      new TypeError(
        "id must be a string, a number or a bigint where the keyspace has no option key, got object",
      ),
    );
  });

  it("a new version sees nothing of an older one; clear() empties one", async () => {
    const old = cache.keyspace<string, string>("users", { version: 1 });
    const now = cache.keyspace<string, { name: string }>("users", { version: 2 });
    await old.set("a", "Ada");
    expect(await now.get("a")).toBeUndefined();
    await now.set("a", { name: "Ada" });
    await now.clear();
    expect(await old.get("a")).toBe("Ada");
    expect(await now.get("a")).toBeUndefined();
  });
});

describe("wrap()", () => {
  it("remembers what a function returned for the same arguments", async () => {
    const work = jest.fn(async (a: number, b: { x?: number; y?: unknown }) => ({ a, b }));
    const wrapped = cache.wrap("work", work, { ttl: "1m" });
    expectTypeOf(wrapped).parameters.toEqualTypeOf<[number, { x?: number; y?: unknown }]>();
    expectTypeOf(wrapped).returns.resolves.toHaveProperty("a");
    expect(await wrapped(1, { x: 1, y: [2n] })).toEqual({ a: 1, b: { x: 1, y: [2n] } });
    expect(await wrapped(1, { y: [2n], x: 1 })).toEqual({ a: 1, b: { x: 1, y: [2n] } });
    expect(work).toHaveBeenCalledTimes(1);
    await wrapped(1, { x: 1, y: [2] });
    await wrapped(1, { x: 1, y: ["2"] });
    await wrapped(1, { x: 1, y: ["x".repeat(1_000)] });
    expect(work).toHaveBeenCalledTimes(4);
  });

  it("forget() and clear() make it forget", async () => {
    const work = jest.fn((n: number) => n * 2);
    const wrapped = cache.wrap("double", work);
    await wrapped(1);
    await wrapped(2);
    expect(await wrapped.forget(1)).toBe(true);
    expect(await wrapped.forget(3)).toBe(false);
    await wrapped(1);
    await wrapped(2);
    expect(work).toHaveBeenCalledTimes(3);
    await wrapped.clear();
    await wrapped(2);
    expect(work).toHaveBeenCalledTimes(4);
  });

  it("key and tags are functions of the arguments", async () => {
    const work = jest.fn((user: { id: number; at: () => void }) => user.id);
    const wrapped = cache.wrap("keyed", work, {
      key: ({ id }) => `${id}`,
      tags: ({ id }) => [`user:${id}`],
    });
    await wrapped({ id: 1, at: () => {} });
    await wrapped({ id: 1, at: () => {} });
    expect(work).toHaveBeenCalledTimes(1);
    await cache.invalidateTags(["user:1"]);
    await wrapped({ id: 1, at: () => {} });
    expect(work).toHaveBeenCalledTimes(2);
  });

  it("arguments of which no key can be made are refused", async () => {
    const wrapped = cache.wrap("refused", (callback: () => void) => callback());
    await expect(wrapped(() => {})).rejects.toMatchObject({ code: "ERR_CACHE_UNSUPPORTED_VALUE" });
  });
});
