import { describeQueueContract } from "@infra/testing";

import { BatchQueue, TaskQueue, WorkQueue, type Task } from "../src/index.js";

describeQueueContract("WorkQueue", (handle) => {
  const queue = new WorkQueue<number, string>({ handle, concurrency: 1 });
  return { queue, close: () => queue.stop() };
});

describeQueueContract("WorkQueue, fair by key, with ageing", (handle) => {
  const queue = new WorkQueue<number, string>({
    handle,
    concurrency: 1,
    fairness: true,
    ageing: "1h",
  });
  return { queue, close: () => queue.stop() };
});

describeQueueContract("TaskQueue", (handle) => {
  const tasks = new TaskQueue({ concurrency: 1 });
  const queue = {
    get size() {
      return tasks.size;
    },
    get running() {
      return tasks.running;
    },
    add: (item: number, options?: Parameters<TaskQueue["add"]>[1]) =>
      tasks.add(((context) => handle(item, context)) satisfies Task<string>, options),
    pause: () => tasks.pause(),
    resume: () => tasks.resume(),
    onIdle: (options?: { readonly signal?: AbortSignal | undefined }) => tasks.onIdle(options),
  };
  return { queue, close: () => tasks.stop() };
});

describeQueueContract("BatchQueue", (handle) => {
  const queue = new BatchQueue<number, string>({
    maxItems: 1,
    handle: async ([item], { signal }) => [await handle(item!, { signal })],
  });
  return { queue, close: () => queue.stop() };
});

describeQueueContract("BatchQueue, several in a batch", (handle) => {
  const queue = new BatchQueue<number, string>({
    maxItems: 3,
    handle: async (items, { signal }) => {
      const results: (string | Error)[] = [];
      for (const item of items) {
        results.push(await handle(item, { signal }).catch((error: Error) => error));
      }
      return results;
    },
  });
  return { queue, close: () => queue.stop() };
});
