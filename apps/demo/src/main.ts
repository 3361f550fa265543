import { DatabaseService } from "@infra/database";
import { ServerManager } from "@infra/server";

import { createDemo } from "./demo.js";

const { container, lifecycle } = createDemo();
try {
  await lifecycle.startup();
  const { url } = container.get(ServerManager);
  const database = container.get(DatabaseService);
  process.stdout.write(`
Infra's reference app, a photo album, is at ${url}
  database  ${database.url}${database.url.startsWith("pglite:") ? " (embedded; DATABASE_URL names a server)" : ""}
  docs      ${url}/docs
  health    ${url}/health/ready
`);
} catch (error) {
  console.error(`The app did not start: ${(error as Error).message}`);
  process.exitCode = 1;
}
