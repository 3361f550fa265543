import { randomBytes } from "node:crypto";

import { testDatabases, testRedis, until } from "@infra/testing";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import { PostgresGatewayAdapter } from "../../src/drivers/postgres-adapter.js";
import { RedisGatewayAdapter } from "../../src/drivers/redis-adapter.js";
import type { GatewayAdapter } from "../../src/gateway.js";
import { Harness, listen } from "./harness.js";

const redis = testRedis(process.env);
const postgres = (await testDatabases(process.env)).find(({ name }) => name === "postgres")!;
const name = `t${randomBytes(4).toString("hex")}`;

let harness: Harness;
beforeEach(() => {
  harness = new Harness();
});
afterEach(() => harness.close());

interface Emitting {
  emit(name: string, value: unknown): void;
}

const engines: readonly [typeof redis | typeof postgres, (url: string) => GatewayAdapter][] = [
  [redis, (url) => new RedisGatewayAdapter({ url, streamName: name })],
  [postgres, (url) => new PostgresGatewayAdapter({ url, channelPrefix: name })],
];

for (const [engine, create] of engines) {
  (engine.missing === undefined ? describe : describe.skip)(
    `two nodes over ${engine.title}`,
    () => {
      afterAll(() => engine.close());

      it("share topics through PubSubService, what io emits through the adapter, and who is where", async () => {
        const url = await engine.url();
        const nodes = [];
        for (let at = 0; at < 2; at += 1) {
          const pubsub = harness.pubsub({ url, prefix: name, timeout: "20s", failure: "throw" });
          nodes.push(await harness.node({ adapter: create(url) }, { pubsub }));
        }
        const [first, second] = nodes;
        const ada = harness.client(first!);
        const bob = harness.client(second!, { token: "bob" });
        const news = await listen(ada, "public.news", { onPresence: () => {} });
        const kept = await listen(ada, "durable.news");
        await bob.publish("public.news", "from another node");
        await bob.publish("durable.news", "kept");
        await until(() => news.heard.length === 1 && kept.heard.length === 1);
        await until(() => second!.gateway.members("public.news").length === 1);

        const raw: unknown[] = [];
        await bob.connected();
        (bob.socket as { on(name: string, take: (value: unknown) => void): void }).on(
          "custom",
          (value) => raw.push(value),
        );
        await until(() => {
          (first!.gateway.io as Emitting).emit("custom", 1);
          return raw.length > 0;
        });
        await first!.gateway.disconnect({ userId: "bob" });
        await until(() => bob.state === "closed");
        expect(ada.state).toBe("connected");
      });
    },
  );
}

describe("PostgresGatewayAdapter", () => {
  it("refuses a table's name that is none", () => {
    expect(() => new PostgresGatewayAdapter({ url: "postgres://x", table: "a; drop" })).toThrow(
      RangeError,
    );
  });
});
