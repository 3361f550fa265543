// One process of the cluster: ROLE is "app", which serves, or "worker", which runs jobs.
import { CacheService } from "@infra/cache";
import { ConfigService } from "@infra/config";
import { DatabaseService } from "@infra/database";
import { createContainer } from "@infra/di";
import { JobsService } from "@infra/jobs";
import { ApplicationLifecycle } from "@infra/lifecycle";
import { LoggerService } from "@infra/logging";
import { ServerManager } from "@infra/server";

import { orderMigrations, Orders, packOrder } from "./orders.js";

const isApp = process.env["ROLE"] === "app";
const container = createContainer();
container.bind(ConfigService).toSelf();
container.bind(LoggerService).toSelf();
container
  .bind(DatabaseService)
  .toSelf()
  .withOptions({ migrations: orderMigrations, migrateOnStart: true });
container.bind(CacheService).toSelf();
container.bind(JobsService).toSelf().withOptions({ work: !isApp });
if (isApp) container.bind(ServerManager).toSelf();
container
  .bind(ApplicationLifecycle)
  .toSelf()
  .withOptions({ print: () => {} });

const lifecycle = container.get(ApplicationLifecycle).manage(container);
const orders = container.get(Orders);
if (isApp) {
  const server = container.get(ServerManager);
  server.post("/orders", async ({ body }, reply) => {
    const id = await orders.place((body as { item: string }).item);
    return await reply.code(201).send({ id, servedBy: process.pid });
  });
  server.get("/orders/:id", async ({ params }) => ({
    ...(await orders.find(Number((params as { id: string }).id))),
    servedBy: process.pid,
  }));
} else {
  container
    .get(JobsService)
    .handle(packOrder, ({ payload }) => orders.pack(payload.id, process.pid));
}

process.on("message", (message) => {
  // the channel to the primary would keep this process alive
  if (message === "stop") void lifecycle.shutdown("told to").then(() => process.disconnect());
});
// the primary is gone: nobody would replace or stop this one
process.on("disconnect", () => void lifecycle.shutdown("the primary is gone"));
await lifecycle.startup();
process.send?.({ url: isApp ? container.get(ServerManager).url : undefined });
