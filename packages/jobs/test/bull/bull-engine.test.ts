import { expect, it } from "@jest/globals";

import { BullJobEngine } from "../../src/bull/bull-engine.js";
import type { BullBinding } from "../../src/bull/bull-types.js";

it("BullJobEngine lets go of events that could not be listened to", async () => {
  const open = new Set<object>();
  class Instance {
    constructor() {
      open.add(this);
    }

    on(): void {}

    waitUntilReady(): Promise<void> {
      return Promise.resolve();
    }

    async close(): Promise<void> {
      open.delete(this);
    }
  }
  class DeafEvents extends Instance {
    override waitUntilReady(): Promise<void> {
      return Promise.reject(new Error("connection terminated"));
    }
  }
  const binding = {
    open: () =>
      Promise.resolve({
        library: { Queue: Instance, QueueEvents: DeafEvents },
        options: {},
        destroy: () => Promise.resolve(),
      }),
  };
  const engine = new BullJobEngine("test", "jobs", binding as unknown as BullBinding, () => {});
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    await expect(engine.subscribe(() => {})).rejects.toThrow("connection terminated");
  }
  // the queue
  expect(open.size).toBe(1);
  await engine.close();
  expect(open.size).toBe(0);
});
