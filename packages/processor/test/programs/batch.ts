// node batch.ts FOLDER: a batch of 40 items with a checkpoint, which says when one is done.
import { appendFileSync } from "node:fs";
import { join } from "node:path";

import { FileCheckpoint, runBatch } from "../../src/index.js";

const folder = process.argv[2]!;
const items = Array.from({ length: 40 }, (_, at) => `item ${at}`);
await runBatch(
  items,
  async (item) => {
    await new Promise((resolve) => void setTimeout(resolve, 5));
    appendFileSync(join(folder, "work.log"), `${item}\n`);
  },
  {
    concurrency: 4,
    checkpoint: new FileCheckpoint(join(folder, "done")),
    onResult: ({ status, key }) => void (status === "done" && process.send!(key)),
  },
);
process.disconnect();
