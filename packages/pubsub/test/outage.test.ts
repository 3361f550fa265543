import { findPostgres, findRedis, startPostgres, startRedis, until } from "@infra/testing";
import { afterEach, describe, expect, it } from "@jest/globals";
import { createClient } from "redis";

import { PubSubService, type PubSubEvent } from "../src/index.js";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

interface Outage {
  readonly url: string;
  kill(): Promise<void>;
  restart(): Promise<void>;
}

async function redisOutage(): Promise<Outage> {
  let server = await startRedis();
  const { url } = server;
  closing.push(() => server.stop());
  return {
    url,
    async kill() {
      const client = createClient({ url });
      client.on("error", () => {});
      await client.connect();
      const [, pid] = /process_id:(\d+)/.exec(await client.info("server"))!;
      client.destroy();
      process.kill(Number(pid), "SIGKILL");
      await server.stop();
    },
    async restart() {
      // the last setting of a name is the one that counts
      server = await startRedis({ settings: { port: new URL(url).port } });
    },
  };
}

async function postgresOutage(): Promise<Outage> {
  const server = await startPostgres();
  closing.push(() => server.stop());
  return server;
}

const engines = [
  { name: "redis", missing: findRedis() === undefined, open: redisOutage, keeps: false },
  { name: "postgres", missing: findPostgres() === undefined, open: postgresOutage, keeps: true },
];

for (const { name, missing, open, keeps } of engines) {
  const title = missing ? `${name} (skipped: it is not on this machine)` : name;
  (missing ? describe.skip : describe)(`${title} killed, and back`, () => {
    it("local delivery goes on, cross-process delivery is back within 3 s, and what was missed is told", async () => {
      const engine = await open();
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
