import { expect, it } from "@jest/globals";

import { BullJobEngine } from "../../src/bull/bull-engine.js";
import type { BullBinding } from "../../src/bull/bull-types.js";

/** An engine on parts of BullMQ that do nothing; `open` has those that were made and not closed. */
function engineOn(parts: (Instance: new () => object) => object): {
  readonly engine: BullJobEngine;
  readonly open: ReadonlySet<object>;
} {
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
  const binding = {
    open: () =>
      Promise.resolve({
        library: { Queue: Instance, ...parts(Instance) },
        options: {},
        destroy: () => Promise.resolve(),
      }),
  };
  const engine = new BullJobEngine("test", "jobs", binding as unknown as BullBinding, () => {});
  return { engine, open };
}

it("BullJobEngine lets go of events that could not be listened to", async () => {
  const { engine, open } = engineOn((Instance) => ({
    QueueEvents: class extends Instance {
      waitUntilReady(): Promise<void> {
        return Promise.reject(new Error("connection terminated"));
      }
    },
  }));
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    await expect(engine.subscribe(() => {})).rejects.toThrow("connection terminated");
  }
  // the queue
  expect(open.size).toBe(1);
  await engine.close();
  expect(open.size).toBe(0);
});

it("BullJobEngine adds all flows by one producer, and cancels by one, until the connection breaks", async () => {
  let isDown = false;
  const work = (): Promise<void> =>
    isDown ? Promise.reject(new Error("connection terminated")) : Promise.resolve();
  const { engine, open } = engineOn((Instance) => ({
    FlowProducer: class extends Instance {
      add = work;
    },
    QueueEventsProducer: class extends Instance {
      publishEvent = work;
    },
  }));
  const job = { id: "1", name: "mail", data: {}, delayMs: 0, priority: 0, attempts: 1 };
  const both = async (): Promise<void> => {
    await engine.addFlow({ job, children: [], onFailure: "ignore" });
    await engine.sendCancel("1");
  };
  await both();
  await both();
  expect(open.size).toBe(3);
  isDown = true;
  await expect(both()).rejects.toThrow("connection terminated");
  isDown = false;
  await both();
  await both();
  expect(open.size).toBe(4);
  await engine.close();
});
