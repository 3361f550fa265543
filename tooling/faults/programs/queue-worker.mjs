// node queue-worker.mjs JOURNAL DONE NAME [drain]: adds items to a queue with a journal until it is killed, and prints the id of
// each that was accepted; an operation takes a moment, then adds the item's id to the file DONE. With "drain" it adds nothing,
// carries out what was left, prints how much that was, and ends.
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { WorkQueue } from "@infra/queue";
import { FileQueueJournal } from "@infra/queue/drivers/file";

const [path, done, name, mode] = process.argv.slice(2);
const queue = new WorkQueue({
  concurrency: 4,
  maxWaiting: 2000,
  whenFull: "block",
  journal: new FileQueueJournal({ path, compactAbove: "64kb" }),
  handle: async ({ id }) => {
    await sleep(id.length % 3);
    appendFileSync(done, `${id}\n`);
  },
});
await queue.start();
if (mode === "drain") {
  const { recovered } = queue.stats();
  await queue.onIdle();
  await queue.stop();
  console.log(recovered);
} else {
  await Promise.all(Array.from({ length: 8 }, (_, producer) => produce(producer)));
}

async function produce(producer) {
  for (let n = 0; ; n += 1) {
    const id = `${name}-${producer}-${n}`;
    await queue.enqueue({ id });
    process.stdout.write(`${id}\n`);
  }
}
