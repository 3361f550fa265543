import {
  findPostgres,
  findRedis,
  MemoryLogger,
  startPostgres,
  startRedis,
  startTcpProxy,
  until,
} from "@infra/testing";
import { afterEach, describe, expect, it } from "@jest/globals";
import pg from "pg";
import { createClient } from "redis";

import { PubSubService, type PubSubEvent } from "../src/index.js";
import { mortalEngines } from "./engine-outage.js";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

for (const { name, missing, open, keeps } of mortalEngines) {
  const title = missing === undefined ? name : `${name} (skipped: ${missing})`;
  (missing === undefined ? describe : describe.skip)(`${title} killed, and back`, () => {
    it("local delivery goes on, cross-process delivery is back within 3 s, and what was missed is told", async () => {
      const engine = await open();
      closing.push(() => engine.stop());
      const make = (): PubSubService => {
        const pubsub = new PubSubService({ url: engine.url, durable: ["kept"], timeout: "1s" });
        closing.push(() => pubsub.stop());
        return pubsub;
      };
      const [here, there] = [make(), make()];
      const events: PubSubEvent[] = [];
      here.onEvent((event) => events.push(event));
      const local: unknown[] = [];
      const remote: unknown[] = [];
      const kept: unknown[] = [];
      const gaps: string[] = [];
      await here.subscribe<unknown>("t", (message) => void local.push(message));
      await there.subscribe<unknown>("t", (message) => void remote.push(message), {
        onGap: ({ pattern }) => void gaps.push(pattern),
      });
      await there.subscribe<unknown>("kept", (message) => void kept.push(message), {
        onGap: ({ pattern }) => void gaps.push(pattern),
      });
      await here.publish("t", "before");
      await here.publish("kept", 1);
      await until(() => remote.length === 1 && kept.length === 1);

      await engine.kill();
      // a backend of PostgreSQL may live a moment longer than its server
      let during = 0;
      await until(async () => {
        await here.publish("t", (during += 1));
        return here.stats().unsent > 0;
      });
      await until(() => local.length === 1 + during);
      expect(here.stats().unsent).toBe(1);
      await expect(here.publish("kept", 2)).rejects.toMatchObject({
        code: "ERR_PUBSUB_UNAVAILABLE",
        retryable: true,
      });
      expect(await here.health()).toMatchObject({ status: "degraded" });
      expect(here.stats().connected).toBe(false);

      await engine.restart();
      const startedMs = performance.now();
      await until(async () => {
        await here.publish("t", "after");
        return remote.includes("after");
      });
      expect(performance.now() - startedMs).toBeLessThan(3_000);
      await until(() => gaps.includes("t"));
      expect(remote).not.toContain(during);
      await until(async () => {
        await here.publish("kept", 3).catch(() => {});
        return kept.includes(3);
      });
      // an engine that keeps its data loses nothing; one that lost them says so
      expect(gaps.includes("kept")).toBe(!keeps);
      expect(events.map(({ type }) => type)).toEqual(
        expect.arrayContaining(["connected", "disconnected", "publish-failed"]),
      );
      expect(await here.health()).toMatchObject({ status: "up" });
    }, 60_000);

    it("begins without it, and with it once it is there; with failure throw it says so", async () => {
      const engine = await open();
      closing.push(() => engine.stop());
      await engine.kill();
      const strict = new PubSubService({ url: engine.url, failure: "throw", timeout: "1s" });
      closing.push(() => strict.stop());
      await expect(strict.start()).rejects.toMatchObject({ code: "ERR_PUBSUB_UNAVAILABLE" });
      await expect(strict.publish("t", 1)).rejects.toMatchObject({
        code: "ERR_PUBSUB_UNAVAILABLE",
      });
      const [here, there] = [1, 2].map(() => {
        const pubsub = new PubSubService({ url: engine.url, timeout: "1s", durable: ["kept"] });
        closing.push(() => pubsub.stop());
        return pubsub;
      });
      const remote: unknown[] = [];
      await there!.subscribe<unknown>("t", (message) => void remote.push(message));
      await here!.publish("t", "nobody else");
      await engine.restart();
      await until(async () => {
        await here!.publish("t", 1);
        return remote.length > 0;
      });
      await until(() =>
        strict.start().then(
          () => true,
          () => false,
        ),
      );
      await until(() =>
        here!.publish("kept", 1).then(
          () => true,
          () => false,
        ),
      );
    }, 60_000);
  });
}

const withRedis = findRedis() === undefined ? describe.skip : describe;
withRedis("Redis, a connection lost", () => {
  it("Trap: what was unsubscribed from meanwhile, and subscribed to anew, is heard once", async () => {
    const server = await startRedis();
    closing.push(() => server.stop());
    const proxy = await startTcpProxy(server.url);
    closing.push(() => proxy.close());
    const there = new PubSubService({ url: proxy.url });
    closing.push(() => there.stop());
    const here = new PubSubService({ url: server.url });
    closing.push(() => here.stop());
    const events: PubSubEvent[] = [];
    there.onEvent((event) => events.push(event));
    const patterns = ["t", "many.*"];
    const dropped = await Promise.all(patterns.map((each) => there.subscribe(each, () => {})));
    proxy.refuse();
    await until(() => !there.stats().connected);
    for (const each of dropped) await each.close();
    const heard: string[] = [];
    const gaps: string[] = [];
    for (const each of patterns) {
      await there.subscribe<string>(each, (message) => void heard.push(message), {
        onGap: ({ pattern }) => void gaps.push(pattern),
      });
    }
    proxy.restore();
    await until(() => there.stats().connected && gaps.length === 2);
    for (const each of ["1", "2", "3", "last"]) {
      await here.publish("t", each);
      await here.publish("many.x", each);
    }
    await until(() => heard.filter((each) => each === "last").length >= 2);
    expect(heard.toSorted()).toEqual(["1", "1", "2", "2", "3", "3", "last", "last"]);
  }, 60_000);

  it("of the two, the one that publishes: it is connected again", async () => {
    const server = await startRedis();
    closing.push(() => server.stop());
    const pubsub = new PubSubService({ url: server.url });
    closing.push(() => pubsub.stop());
    // so that the other one is no connection of the normal type
    await pubsub.subscribe("t", () => {});
    const events: PubSubEvent[] = [];
    pubsub.onEvent((event) => events.push(event));
    const admin = createClient({ url: server.url });
    await admin.connect();
    closing.push(async () => admin.destroy());
    await admin.sendCommand(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
    await until(() => events.some(({ type }) => type === "disconnected"));
    await until(() => pubsub.stats().connected);
    expect(events.at(-1)).toMatchObject({ type: "connected" });
  }, 60_000);
});

const withPostgres = findPostgres() === undefined ? describe.skip : describe;
withPostgres("PostgreSQL, an idle connection lost", () => {
  it("is still connected: the one that listens is", async () => {
    const server = await startPostgres();
    closing.push(() => server.stop());
    const logger = new MemoryLogger();
    const pubsub = new PubSubService({ url: server.url }, { logger });
    closing.push(() => pubsub.stop());
    await pubsub.publish("t", 1);
    const events: PubSubEvent[] = [];
    pubsub.onEvent((event) => events.push(event));
    const admin = new pg.Client({ connectionString: server.url });
    await admin.connect();
    closing.push(() => admin.end());
    const { rows } = await admin.query<{ pid: number }>(
      `select pid from pg_stat_activity where pid <> pg_backend_pid()
         and backend_type = 'client backend' and query not ilike 'listen %'`,
    );
    for (const { pid } of rows) await admin.query("select pg_terminate_backend($1)", [pid]);
    expect(rows.length).toBeGreaterThan(0);
    await until(() => events.length + logger.messages("debug").length > 0);
    expect(events.filter(({ type }) => type === "disconnected")).toEqual([]);
    expect(pubsub.stats().connected).toBe(true);
  }, 60_000);
});
