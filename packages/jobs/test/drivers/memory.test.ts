import { describeJobEngineContract } from "@infra/testing";

import { MemoryJobEngine } from "../../src/drivers/memory.js";

describeJobEngineContract("memory", async () => {
  const engine = new MemoryJobEngine();
  return { engine, again: undefined, close: () => engine.close() };
});
