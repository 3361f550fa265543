// Starts and stops an application so often as it is told, for soak.test.ts, and says what is left behind.
import type { Managed, ServiceContainer } from "@infra/interfaces";

import { ApplicationLifecycle } from "../../src/index.js";

const service: Managed = {
  start: async () => {},
  stop: async () => {},
  health: async () => ({ status: "up" }),
};
const services = [{ name: "cache", service, dependencies: [] }];
const container: ServiceContainer = {
  provide() {},
  created: () => services,
  managed: () => services,
  verify() {},
};

async function cycle(): Promise<void> {
  const lifecycle = new ApplicationLifecycle({ print: () => {}, preStopDelay: 1 }, { container });
  let attempts = 0;
  lifecycle
    .manage(container)
    .manage({ ...service }, { name: "database" })
    .registerStartupHook(
      "flaky",
      () => {
        attempts += 1;
        if (attempts === 1) throw new Error("not yet");
      },
      ["database"],
      { retries: 1, backoff: 1, timeout: "1m" },
    )
    .registerShutdownHook("goodbye", () => {}, [], { timeout: "1m" })
    .registerHealthCheck("disk", async () => ({ status: "up" }));
  await lifecycle.startup();
  await lifecycle.probe("ready");
  void lifecycle.waitFor(Promise.resolve());
  await lifecycle.shutdown();
  if (!lifecycle.stopReport?.ok) throw new Error("it did not stop");
}

function left(): object {
  const listeners = [process, process.stdout, process.stderr].map((emitter) =>
    Object.fromEntries(
      emitter.eventNames().map((name) => [String(name), emitter.listenerCount(name)]),
    ),
  );
  return { listeners, active: process.getActiveResourcesInfo().toSorted() };
}

await cycle(); // what Node.js sets up once
const before = left();
for (let at = 0; at < Number(process.argv[2]); at += 1) await cycle();
process.stdout.write(JSON.stringify([before, left()]));
