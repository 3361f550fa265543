import { container } from "@infra/di";
import { ConfigService } from "@infra/config";
import { DatabaseService } from "@infra/database";
import { LoggerService } from "@infra/logging";
import { ServerManager } from "@infra/server";
import { ApplicationLifecycle } from "@infra/lifecycle";

// Initialize application lifecycle
const lifecycle = new ApplicationLifecycle();

// Register services with the DI container
container.bind(ConfigService).toSelf().inSingletonScope();
container.bind(LoggerService).toSelf().inSingletonScope();
container.bind(DatabaseService).toSelf().inSingletonScope();
container.bind(ServerManager).toSelf().inSingletonScope();

// Register lifecycle hooks
lifecycle.registerStartupHook(
  "database",
  async () => {
    const database = container.get(DatabaseService);
    await database.connect();
  },
  [],
);

lifecycle.registerStartupHook(
  "http-server",
  async () => {
    const server = container.get(ServerManager);
    await server.start();
  },
  ["database"],
);

// Start the application
lifecycle.startup().catch((err) => {
  console.error("Failed to start application:", err);
  process.exit(1);
});
