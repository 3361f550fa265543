// node contestant.mjs NAME answer|measure: sends what a few items give, or how many of them a second.
import { best } from "../../own-process.mjs";

const [name, wanted] = process.argv.slice(2);
const concurrency = 10;
const count = 100_000;
const batchSize = 500;

/** `(task, priorityOf) => run`, where `run(items)` adds all of them to a new queue and resolves to the results. */
const queues = {
  "p-queue": async () => {
    const { default: PQueue } = await import("p-queue");
    return (task, priorityOf) => (items) => {
      const queue = new PQueue({ concurrency });
      if (!priorityOf) return Promise.all(items.map((item) => queue.add(() => task(item))));
      return Promise.all(
        items.map((item) => queue.add(() => task(item), { priority: priorityOf(item) })),
      );
    };
  },
  TaskQueue: async () => {
    const { TaskQueue } = await import("@infra/queue");
    return (task, priorityOf) => (items) => {
      const queue = new TaskQueue({ concurrency });
      if (!priorityOf) return Promise.all(items.map((item) => queue.add(() => task(item))));
      return Promise.all(
        items.map((item) => queue.add(() => task(item), { priority: priorityOf(item) })),
      );
    };
  },
  WorkQueue: async () => {
    const { WorkQueue } = await import("@infra/queue");
    return (task, priorityOf) => (items) => {
      const queue = new WorkQueue({ concurrency, handle: task });
      if (!priorityOf) return Promise.all(items.map((item) => queue.add(item)));
      return Promise.all(items.map((item) => queue.add(item, { priority: priorityOf(item) })));
    };
  },
};

/** `(handle) => run`: `handle` takes up to 500 items. */
const batches = {
  "one call with an array of 500": async () => (handle) => async (items) => {
    const results = [];
    for (let at = 0; at < items.length; at += batchSize) {
      results.push(...(await handle(items.slice(at, at + batchSize))));
    }
    return results;
  },
  BatchQueue: async () => {
    const { BatchQueue } = await import("@infra/queue");
    return (handle) => {
      const queue = new BatchQueue({ maxItems: batchSize, handle });
      return (items) => Promise.all(items.map((item) => queue.add(item)));
    };
  },
};

const [kind, priorities] = name.split(", ");
const priorityOf = priorities && ((item) => (item * 7) % 10);
const isBatch = kind in batches;
const make = await (isBatch ? batches : queues)[kind]();
process.send(
  await (wanted === "measure"
    ? best(isBatch ? batchTurn : queueTurn, { turns: 3, forMs: 500 })
    : answer()),
);

async function queueTurn() {
  const items = Array.from({ length: count }, (_, at) => at);
  const run = make(async (item) => item, priorityOf);
  const startMs = performance.now();
  const results = await run(items);
  const tookMs = performance.now() - startMs;
  if (results.at(-1) !== items.at(-1)) throw new Error("the results are not those of the items");
  return (1000 * count) / tookMs;
}

async function batchTurn() {
  const items = Array.from({ length: batchSize }, (_, at) => at);
  const run = make(async (batch) => batch.map((item) => item + 1));
  const turns = 200;
  const startMs = performance.now();
  let last;
  for (let turn = 0; turn < turns; turn += 1) last = await run(items);
  const tookMs = performance.now() - startMs;
  if (last.at(-1) !== batchSize) throw new Error("the results are not those of the items");
  return (1000 * turns * batchSize) / tookMs;
}

async function answer() {
  if (isBatch) {
    const sizes = [];
    const run = make(async (items) => {
      sizes.push(items.length);
      return items.map((item) => item * 2);
    });
    return { results: await run(Array.from({ length: 1000 }, (_, at) => at)), sizes };
  }
  let running = 0;
  let most = 0;
  const began = [];
  const run = make(async (item) => {
    began.push(item);
    most = Math.max(most, (running += 1));
    await new Promise(setImmediate);
    running -= 1;
    return item * 2;
  }, priorityOf);
  const results = await run(Array.from({ length: 40 }, (_, at) => at));
  return { results, most, began };
}
