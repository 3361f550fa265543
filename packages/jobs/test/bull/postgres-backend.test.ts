import { expect, it } from "@jest/globals";

import { eventSafe } from "../../src/bull/postgres-backend.js";

it("eventSafe() asks again for what could not be had", async () => {
  let failures = 1;
  const make = eventSafe(
    () =>
      ({
        queueName: "jobs",
        waitUntilReady: () =>
          failures-- > 0 ? Promise.reject(new Error("connection terminated")) : Promise.resolve(),
        ensureListeningEvents: () => Promise.resolve({}),
        run: () => Promise.resolve({ rows: [{ max: "7" }] }),
      }) as never,
  );
  const backend = make("jobs", {}, { blocking: true }) as unknown as {
    waitUntilReady(): Promise<void>;
  };
  await expect(backend.waitUntilReady()).rejects.toThrow("connection terminated");
  await expect(backend.waitUntilReady()).resolves.toBeUndefined();
});
