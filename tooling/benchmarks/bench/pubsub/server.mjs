// A server: `node server.mjs socket.io|@infra/pubsub REDIS_URL`. Publishes when it is told to.
import { createServer } from "node:http";

import { PubSubService } from "@infra/pubsub";
import { GatewayService } from "@infra/pubsub/gateway";
import { createAdapter } from "@socket.io/redis-streams-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

const [library, redisUrl] = process.argv.slice(2);
const http = createServer();
const text = "x".repeat(150);
let publish;

if (library === "socket.io") {
  let adapter;
  if (redisUrl) {
    const client = createClient({ url: redisUrl });
    await client.connect();
    adapter = createAdapter(client);
  }
  const io = new Server(http, {
    transports: ["websocket"],
    serveClient: false,
    ...(adapter && { adapter }),
  });
  io.on("connection", (socket) => {
    socket.on("subscribe", ({ topic }, answer) => {
      void socket.join(topic);
      answer({ ok: true });
    });
  });
  publish = (message) => io.to("room").emit("m", "room", message);
} else {
  const pubsub = new PubSubService(redisUrl ? { url: redisUrl } : {});
  const gateway = new GatewayService(
    { anonymous: true, authorize: () => true, path: "/socket.io" },
    { pubsub, server: { url: undefined, httpServer: http } },
  );
  await gateway.start();
  publish = (message) => void pubsub.publish("room", message);
}
http.listen(0, "127.0.0.1", () => process.send({ port: http.address().port }));

let received = 0;
let wake;
process.on("message", async (order) => {
  if (order.received) {
    received = order.received;
    wake?.();
  } else if (order.cpu) {
    const { user, system } = process.cpuUsage();
    process.send({ cpu: user + system });
  } else if (order.publish) {
    for (let sent = 0; sent < order.publish; sent += 1) {
      while (sent - received >= order.window) await new Promise((resolve) => (wake = resolve));
      publish({ at: now(), text });
      // as requests come, not all in one turn
      if (sent % 10 === 9) await new Promise((resolve) => void setImmediate(resolve));
    }
  } else if (order.paced) {
    for (let sent = 0; sent < order.paced; sent += 1) {
      publish({ at: now(), text });
      await new Promise((resolve) => void setTimeout(resolve, 30));
    }
  }
});

/** The same in all processes. */
function now() {
  return performance.timeOrigin + performance.now();
}
