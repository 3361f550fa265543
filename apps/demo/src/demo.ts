import { ConfigService, type ConfigServiceOptions } from "@infra/config";
import { DatabaseService } from "@infra/database";
import { createContainer, type Container } from "@infra/di";
import { ApplicationLifecycle, type LifecycleOptions } from "@infra/lifecycle";
import { LoggerService } from "@infra/logging";
import { ServerManager } from "@infra/server";

import { noteMigrations } from "./notes/migrations.js";
import { NoteRepository } from "./notes/note-repository.js";
import { addNoteRoutes } from "./notes/note-routes.js";

/** What a test says otherwise. */
export interface DemoOptions {
  readonly config?: ConfigServiceOptions;
  readonly lifecycle?: LifecycleOptions;
}

/** The app, composed but not started. */
export interface Demo {
  readonly container: Container;
  readonly lifecycle: ApplicationLifecycle;
}

/** Composes the app: which services there are, and what happens in which order. */
export function createDemo(options: DemoOptions = {}): Demo {
  const container = createContainer();
  container
    .bind(ConfigService)
    .toSelf()
    .withOptions(options.config ?? {});
  container.bind(LoggerService).toSelf();
  container.bind(DatabaseService).toSelf().withOptions({ migrations: noteMigrations });
  container
    .bind(ServerManager)
    .toSelf()
    .withOptions({ openapi: { info: { title: "Notes", version: "1.0.0" } } });
  // not needed to make it, but so that the check before the start looks at it too
  container.bind(NoteRepository).toSelf().inSingletonScope();

  const lifecycle = new ApplicationLifecycle(options.lifecycle, { container });
  lifecycle.registerStartupHook("database", async () => {
    const database = container.get(DatabaseService);
    await database.connect();
    await database.migrate.latest();
  });
  lifecycle.registerStartupHook(
    "http-server",
    async () => {
      const server = container.get(ServerManager);
      addNoteRoutes(server, container.get(NoteRepository));
      await server.start();
    },
    ["database"],
  );
  return { container, lifecycle };
}
