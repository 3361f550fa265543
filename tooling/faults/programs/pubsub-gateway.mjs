// A gateway in a process of its own: says its port; floods a topic as fast as the parent reads it, and says its memory; or
// publishes so many messages over so long.
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import { PubSubService } from "@infra/pubsub";
import { GatewayService } from "@infra/pubsub/gateway";

const pubsub = new PubSubService({ durable: ["kept"] });
const http = createServer();
const gateway = new GatewayService(
  { anonymous: true, authorize: () => true },
  { pubsub, server: { url: undefined, httpServer: http } },
);
const closed = [];
gateway.onEvent((event) => {
  if (event.type === "closed") closed.push({ reason: event.reason, atMs: performance.now() });
});
await gateway.start();
http.listen(0, "127.0.0.1", () => process.send({ port: http.address().port }));

const client = { heard: 0 };
process.on("message", async (order) => {
  if (order.heard) client.heard = order.heard;
  if (order.publish) await publish(order.publish);
  if (!order.flood) return;
  const text = "x".repeat(64 * 1024);
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  const startedMs = performance.now();
  let most = 0;
  for (let at = 1; at <= order.flood; at += 1) {
    await pubsub.publish("flood", { at, text });
    while (client.heard < at - 10) await sleep(1);
    most = Math.max(most, process.memoryUsage().rss - before);
  }
  while (order.closes && closed.length === 0 && performance.now() - startedMs < 30_000)
    await sleep(20);
  process.send({
    most,
    closed: closed.map(({ reason, atMs }) => ({ reason, afterMs: atMs - startedMs })),
  });
});

async function publish({ from, count, overMs }) {
  for (let at = from; at < from + count; at += 1) {
    await pubsub.publish("kept", at);
    await pubsub.publish("passing", at);
    await sleep(overMs / count);
  }
  process.send({ published: true });
}
