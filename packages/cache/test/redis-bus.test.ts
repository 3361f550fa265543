import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

import type { Invalidation } from "@infra/interfaces";
import {
  findRedis,
  ManualClock,
  MemoryInvalidationBus,
  startRedis,
  until,
  type RedisServer,
} from "@infra/testing";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { createClient } from "redis";

import { RedisInvalidationBus } from "../src/drivers/redis.js";
import { CacheService } from "../src/index.js";

// not `testRedis`: a server that others use can't be frozen
const present = findRedis() === undefined ? describe.skip : describe;

/** Moves the clock on until a promise has settled. */
async function over(clock: ManualClock, waiting: Promise<unknown>): Promise<void> {
  let settled = false;
  const ended = waiting.finally(() => (settled = true));
  await until(async () => {
    await clock.advance(100);
    return settled;
  });
  await ended;
}

present("RedisInvalidationBus (skipped: Redis is not installed)", () => {
  let server: RedisServer;
  const buses: RedisInvalidationBus[] = [];

  beforeEach(async () => {
    server = await startRedis();
  }, 30_000);
  afterEach(async () => {
    server.thaw();
    for (const bus of buses.splice(0)) await bus.close();
    await server.stop();
  }, 30_000);

  function open(url = server.url): {
    bus: RedisInvalidationBus;
    clock: ManualClock;
    heard: string[];
    gaps: () => number;
    subscribe: () => Promise<unknown>;
  } {
    const clock = new ManualClock();
    const bus = new RedisInvalidationBus({ url }, { clock });
    buses.push(bus);
    const heard: string[] = [];
    let gaps = 0;
    const take = ({ origin }: Invalidation): void => void heard.push(origin);
    return {
      bus,
      clock,
      heard,
      gaps: () => gaps,
      subscribe: () => bus.subscribe(take, () => (gaps += 1)),
    };
  }

  /** Publishes on a connection of its own until it is heard. */
  async function isHeard(heard: string[]): Promise<void> {
    const { bus } = open();
    await until(async () => {
      await bus.publish({ origin: "other", keys: ["k"] });
      return heard.includes("other");
    });
  }

  it("subscribe() while Redis is frozen does not wait for it, and listens once it goes on", async () => {
    const { clock, heard, gaps, subscribe } = open();
    server.freeze();
    await over(clock, subscribe());
    expect(gaps()).toBe(0);
    server.thaw();
    // what was published in between was missed
    await until(() => gaps() > 0);
    await isHeard(heard);
  }, 30_000);

  it("replaces a connection that does not answer any more, also while Redis is frozen, and tells the gap", async () => {
    const { clock, heard, gaps, subscribe } = open();
    await subscribe();
    server.freeze();
    // asked, not answered, a new one, which is not answered either
    await clock.advance(5_000 + 2_000);
    await clock.advance(2_000);
    server.thaw();
    await until(() => gaps() > 0);
    await isHeard(heard);
    expect(heard).toContain("other");
  }, 30_000);

  // regression: it was waited for until the operating system gave it up
  it("gives up a connection that was taken and never answered", async () => {
    const taken: Socket[] = [];
    const swallows = { connections: 2 };
    const proxy = createServer((socket) => {
      taken.push(socket);
      if (taken.length <= swallows.connections) return;
      const through = connect(Number(new URL(server.url).port), "127.0.0.1");
      taken.push(through);
      for (const each of [socket, through]) each.on("error", () => {});
      socket.pipe(through).pipe(socket);
    }).listen(0, "127.0.0.1");
    try {
      await once(proxy, "listening");
      const { port } = proxy.address() as AddressInfo;
      const { clock, heard, subscribe } = open(`redis://127.0.0.1:${port}`);
      await over(clock, subscribe());
      // the connection that publishes, and the one that listens
      expect(taken).toHaveLength(swallows.connections);
      await clock.advance(5_000);
      await isHeard(heard);
    } finally {
      proxy.close();
      for (const socket of taken) socket.destroy();
    }
  }, 30_000);

  it("takes what somebody else says on its channel for a gap", async () => {
    const { heard, gaps, subscribe } = open();
    await subscribe();
    const client = createClient({ url: server.url });
    await client.connect();
    try {
      for (const foreign of ["hello", "null", '{"keys":["k"]}']) {
        const before = gaps();
        await client.publish("cache:@#invalidations", foreign);
        await until(() => gaps() > before);
      }
    } finally {
      client.destroy();
    }
    expect(heard).toEqual([]);
    await isHeard(heard);
  }, 30_000);

  it("that can't be left does not keep CacheService.stop() from closing its connection", async () => {
    const client = createClient({ url: server.url });
    await client.connect();
    const connections = async (): Promise<number> => (await client.clientList()).length;
    try {
      const before = await connections();
      const bus = new MemoryInvalidationBus();
      bus.subscribe = () => Promise.resolve(() => Promise.reject(new Error("stuck")));
      const cache = new CacheService({ url: server.url, memory: true }, { bus });
      await cache.set("key", 1);
      expect(await connections()).toBe(before + 1);
      await expect(cache.stop()).rejects.toThrow("stuck");
      await until(async () => (await connections()) === before);
    } finally {
      client.destroy();
    }
  }, 30_000);

  it("close() does not wait for a Redis that is frozen", async () => {
    const { bus, subscribe } = open();
    server.freeze();
    const subscribing = subscribe().catch(() => undefined);
    await expect(bus.close()).resolves.toBeUndefined();
    await subscribing;
  }, 30_000);
});
