import { createServer } from "node:http";

import { afterEach, describe, expect, it, jest } from "@jest/globals";

// as if nobody had installed them
for (const name of [
  "redis",
  "pg",
  "socket.io",
  "socket.io-client",
  "@socket.io/redis-streams-adapter",
  "@socket.io/postgres-adapter",
]) {
  jest.unstable_mockModule(name, () => {
    throw Object.assign(new Error(`Cannot find package '${name}' imported from here`), {
      code: "ERR_MODULE_NOT_FOUND",
    });
  });
}
const { PubSubService } = await import("../src/index.js");
const { GatewayService } = await import("../src/gateway.js");
const { PubSubClient } = await import("../src/client.js");
const { RedisGatewayAdapter } = await import("../src/drivers/redis-adapter.js");
const { PostgresGatewayAdapter } = await import("../src/drivers/postgres-adapter.js");

const opened: InstanceType<typeof PubSubService>[] = [];
afterEach(async () => {
  for (const pubsub of opened.splice(0)) await pubsub.stop();
});

const missing = (name: string, install: string): object => ({
  code: "ERR_PEER_MISSING",
  message: expect.stringContaining(`npm i ${install}`),
  details: { package: name, install },
});

describe("what is not installed", () => {
  it.each([
    ["redis://127.0.0.1:1", "redis"],
    ["postgres://127.0.0.1:1/x", "pg"],
  ])("%s: every call says what to install, whatever failure means", async (url, name) => {
    const pubsub = new PubSubService({ url });
    opened.push(pubsub);
    for (const call of [
      () => pubsub.start(),
      () => pubsub.publish("t", 1),
      () => pubsub.subscribe("t", () => {}),
    ]) {
      await expect(call()).rejects.toMatchObject(missing(name, name));
    }
  });

  it("the gateway and the adapters say so", async () => {
    const pubsub = new PubSubService();
    opened.push(pubsub);
    const gateway = new GatewayService({}, { pubsub });
    await expect(gateway.attach(createServer())).rejects.toMatchObject(
      missing("socket.io", "socket.io"),
    );
    const url = "redis://127.0.0.1:1";
    await expect(new RedisGatewayAdapter({ url }).open()).rejects.toMatchObject(
      missing("@socket.io/redis-streams-adapter", "@socket.io/redis-streams-adapter redis"),
    );
    await expect(new PostgresGatewayAdapter({ url }).open()).rejects.toMatchObject(
      missing("@socket.io/postgres-adapter", "@socket.io/postgres-adapter pg"),
    );
  });

  it("a client says so, and does not try for ever", async () => {
    const client = new PubSubClient({ url: "http://127.0.0.1:1" });
    await expect(client.connected()).rejects.toMatchObject({
      code: "ERR_PEER_MISSING",
      message: expect.stringContaining("npm i socket.io-client"),
      retryable: false,
    });
    expect(client.state).toBe("closed");
  });
});
