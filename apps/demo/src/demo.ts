import { ConfigService, type ConfigServiceOptions } from "@infra/config";
import { createContainer, type Container } from "@infra/di";
import { ApplicationLifecycle, type LifecycleOptions } from "@infra/lifecycle";
import { ServerManager } from "@infra/server";

import { appConfig } from "./app-config.js";
import { addWork } from "./media/work.js";
import { bindServices } from "./services.js";
import { addWeb } from "./web.js";

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
    .withOptions({ sections: [appConfig], ...options.config });
  const { role } = container.get(ConfigService).section(appConfig);
  bindServices(container);

  // from the container, which gives it its section: SHUTDOWN_TIMEOUT and the like
  container
    .bind(ApplicationLifecycle)
    .toSelf()
    .withOptions(options.lifecycle ?? {});
  const lifecycle = container.get(ApplicationLifecycle).manage(container);
  // workers have a server too, for their probes
  if (role !== "worker") {
    lifecycle.registerStartupHook("page", async () => {
      addWeb(container);
      await container.get(ServerManager).start();
    });
  }
  lifecycle.registerStartupHook("work", () => addWork(container), ["database"], {
    before: ["server"],
  });
  return { container, lifecycle };
}
