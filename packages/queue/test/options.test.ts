import { section, tokens, type Cache, type Inject, type Queue } from "@infra/interfaces";
import { describe, expect, it } from "@jest/globals";
import { expectTypeOf } from "expect-type";

import {
  BatchQueue,
  queueConfig,
  TaskQueue,
  WorkQueue,
  type BatchQueueOptions,
  type QueueOptions,
} from "../src/index.js";

const handle = (): void => {};

describe("options of a queue", () => {
  it.each<[string, QueueOptions]>([
    ["WorkQueue: concurrency must be a whole number >= 1, got 0", { concurrency: 0 }],
    ["WorkQueue: keyConcurrency must be a whole number >= 1, got 1.5", { keyConcurrency: 1.5 }],
    ["WorkQueue: maxWaiting must be a whole number >= 1, got NaN", { maxWaiting: NaN }],
    ["WorkQueue: maxBlocked must be a whole number >= 0, got -1", { maxBlocked: -1 }],
    ["WorkQueue: attempts must be a whole number >= 1, got 0", { attempts: 0 }],
    ["WorkQueue: maxDeadLetters must be a whole number >= 0, got -1", { maxDeadLetters: -1 }],
    ["WorkQueue: timeout must be above 0, got 0", { timeout: 0 }],
    ["WorkQueue: ageing must be above 0, got 0", { ageing: 0 }],
    ["WorkQueue: stopTimeout must be milliseconds", { stopTimeout: "soon" as never }],
    [
      "WorkQueue: whenFull must be one of reject, block, drop-oldest; got wait",
      { whenFull: "wait" as never },
    ],
    ["WorkQueue: fairness must be a function, got number", { fairness: 1 as never }],
    ["WorkQueue: retryIf must be a function, got string", { retryIf: "x" as never }],
    ["backoff: factor must be >= 1, got 0", { backoff: { factor: 0 } }],
    ["backoff: initial must be milliseconds", { backoff: { initial: "soon" as never } }],
    ["SlidingWindow: limit must be a whole number", { rateLimit: { limit: 0, window: "1s" } }],
  ])("%s", (message, options) => {
    expect(() => new WorkQueue({ handle, ...options })).toThrow(message);
  });

  it.each<[string, Partial<BatchQueueOptions<number>>]>([
    ["BatchQueue: maxItems must be a whole number >= 1, got 0", { maxItems: 0 }],
    ["BatchQueue: maxBytes must be bytes", { maxBytes: "many" as never }],
    ["BatchQueue: maxWait must be milliseconds", { maxWait: -1 }],
    ["BatchQueue: handle must be a function, got undefined", { handle: undefined as never }],
    ["keyConcurrency and fairness are between keys, so byKey must be true", { keyConcurrency: 1 }],
  ])("%s", (message, options) => {
    expect(() => new BatchQueue<number>({ handle, ...options })).toThrow(message);
  });

  it("a priority is a finite number", async () => {
    const queue = new WorkQueue({ handle });
    await expect(queue.add(1, { priority: NaN })).rejects.toThrow(
      "priority must be a finite number, got NaN",
    );
    expect(queue.size).toBe(0);
  });
});

describe("types", () => {
  it("a queue is a Queue, and gives each item its own result", async () => {
    const work = new WorkQueue<number, string>({ handle: (item) => `${item}` });
    expectTypeOf(work).toExtend<Queue<number, string>>();
    expectTypeOf(work.add(1)).resolves.toEqualTypeOf<string>();
    const batches = new BatchQueue({ handle: (items: readonly number[]) => items.map(String) });
    expectTypeOf(batches).toExtend<Queue<number, unknown>>();
    const tasks = new TaskQueue();
    const seven = tasks.add(async ({ attempt }) => attempt + 6);
    expectTypeOf(seven).resolves.toEqualTypeOf<number>();
    expect(await seven).toBe(7);
    expect(await tasks.addAll([() => 1, async () => 2])).toEqual([1, 2]);
  });

  it("a subclass is wired by the container, with the section of the configuration", async () => {
    class Greetings extends BatchQueue<string, string> {
      static readonly inject: Inject<typeof Greetings> = {
        options: section(queueConfig),
        cache: tokens.cache,
      };
      constructor(options: QueueOptions, deps: { readonly cache: Cache }) {
        super({
          ...options,
          handle: async (names) => {
            await deps.cache.set("last", names.at(-1));
            return names.map((name) => `hello ${name}`);
          },
        });
      }
    }
    const kept: unknown[] = [];
    const cache = { set: async (...args: unknown[]) => void kept.push(args) } as unknown as Cache;
    const greetings = new Greetings(queueConfig.defaults(), { cache });
    expect(await greetings.add("Ada")).toBe("hello Ada");
    expect(kept).toEqual([["last", "Ada"]]);
    await greetings.stop();
  });
});
