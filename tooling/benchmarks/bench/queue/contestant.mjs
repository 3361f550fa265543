// node contestant.mjs NAME answer|measure: sends what a few items give, or how many of them a second.
import { best } from "../../own-process.mjs";

const [name, wanted] = process.argv.slice(2);
const concurrency = 10;
const count = 100_000;
const batchSize = 500;

/** `() => { add, addAll }` of a new queue that carries out `task`; `add` takes a priority, if there is one. */
const queues = {
  "p-queue": async (task) => {
    const { default: PQueue } = await import("p-queue");
    return () => {
      const queue = new PQueue({ concurrency });
      return {
        add: (item, options) => queue.add(() => task(item), options),
        addAll: (items) => queue.addAll(items.map((item) => () => task(item))),
      };
    };
  },
  TaskQueue: async (task) => {
    const { TaskQueue } = await import("@infra/queue");
    return () => {
      const queue = new TaskQueue({ concurrency });
      return {
        add: (item, options) => queue.add(() => task(item), options),
        addAll: (items) => queue.addAll(items.map((item) => () => task(item))),
      };
    };
  },
  WorkQueue: async (task) => {
    const { WorkQueue } = await import("@infra/queue");
    return () => {
      const queue = new WorkQueue({ concurrency, handle: task });
      return {
        add: (item, options) => queue.add(item, options),
        addAll: (items) => queue.addAll(items),
      };
    };
  },
};

/** How the items are added, which resolves to their results. */
const ways = {
  together: ({ addAll }, items) => addAll(items),
  "one by one": ({ add }, items) => Promise.all(items.map((item) => add(item))),
  "ten priorities": ({ add }, items) =>
    Promise.all(items.map((item) => add(item, { priority: (item * 7) % 10 }))),
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

const [kind, way = "together"] = name.split(", ");
const isBatch = kind in batches;
process.send(
  await (wanted === "measure"
    ? best(await (isBatch ? batchTurn : queueTurn)(), { turns: 3, forMs: 500 })
    : answer()),
);

async function queueTurn() {
  const open = await queues[kind](async (item) => item);
  const items = Array.from({ length: count }, (_, at) => at);
  return async () => {
    const startMs = performance.now();
    const results = await ways[way](open(), items);
    const tookMs = performance.now() - startMs;
    if (results.at(-1) !== items.at(-1)) throw new Error("the results are not those of the items");
    return (1000 * count) / tookMs;
  };
}

async function batchTurn() {
  const run = (await batches[kind]())(async (batch) => batch.map((item) => item + 1));
  const items = Array.from({ length: batchSize }, (_, at) => at);
  const turns = 200;
  return async () => {
    const startMs = performance.now();
    let last;
    for (let turn = 0; turn < turns; turn += 1) last = await run(items);
    const tookMs = performance.now() - startMs;
    if (last.at(-1) !== batchSize) throw new Error("the results are not those of the items");
    return (1000 * turns * batchSize) / tookMs;
  };
}

async function answer() {
  if (isBatch) {
    const sizes = [];
    const run = (await batches[kind]())(async (items) => {
      sizes.push(items.length);
      return items.map((item) => item * 2);
    });
    return { results: await run(Array.from({ length: 1000 }, (_, at) => at)), sizes };
  }
  let running = 0;
  let most = 0;
  const began = [];
  const open = await queues[kind](async (item) => {
    began.push(item);
    most = Math.max(most, (running += 1));
    await new Promise(setImmediate);
    running -= 1;
    return item * 2;
  });
  const results = await ways[way](
    open(),
    Array.from({ length: 40 }, (_, at) => at),
  );
  return { results, most, began };
}
