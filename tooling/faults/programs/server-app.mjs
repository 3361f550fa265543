// node server-app.mjs: a server that says where it is, stops on SIGTERM, and prints what it cut.
import { setTimeout as sleep } from "node:timers/promises";

import { ServerManager } from "@infra/server";

const server = new ServerManager({ port: 0, stopDelay: "500ms", stopTimeout: "2s" });
server.get("/work", async () => {
  await sleep(Math.random() * 50);
  return { done: true };
});
server.get("/hang/:id", () => new Promise(() => {}));
await server.start();
process.stdout.write(`listening ${server.url}\n`);
process.once("SIGTERM", async () => {
  await server.stop();
  process.stdout.write(`cut ${JSON.stringify(server.cutRequests)}\n`);
});
