// The Basic Setup of the design, as written there, and two routes on the server that it starts.
import "./basic-setup.js";
import { setTimeout as sleep } from "node:timers/promises";

import { DatabaseService } from "@infra/database";
import { container } from "@infra/di";
import { LoggerService } from "@infra/logging";
import { ServerManager } from "@infra/server";

const server = container.get(ServerManager);

server.get("/hello", async () => {
  const [row] = await container
    .get(DatabaseService)
    .query<{ greeting: string }>("select ? as greeting", ["hello"]);
  return row;
});

server.get("/slow", async () => {
  container.get(LoggerService).info("a slow request begins");
  await sleep(500);
  return { slow: true };
});
