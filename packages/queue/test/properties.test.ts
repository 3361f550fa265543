import assert from "node:assert/strict";

import { fc } from "@infra/jest-preset/fast-check";
import { ManualClock, settle } from "@infra/testing";
import { describe, expect, it, jest } from "@jest/globals";

import { BatchQueue, WorkQueue } from "../src/index.js";

// hundreds of small programs, on a machine that may have other things to do
jest.setTimeout(60_000);

const priority = fc.integer({ min: -3, max: 3 });
const key = fc.constantFrom("a", "b", "c", undefined);

describe("any queue", () => {
  it("carries out what waits by priority, then by arrival, whatever was moved or taken back", async () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ type: fc.constant("add" as const), priority }) },
      fc.record({ type: fc.constant("move" as const), at: fc.nat({ max: 30 }), priority }),
      fc.record({ type: fc.constant("take back" as const), at: fc.nat({ max: 30 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const begun: number[] = [];
        const queue = new WorkQueue<number>({
          concurrency: 1,
          handle: (item) => void begun.push(item),
        });
        queue.pause();
        const controllers: AbortController[] = [];
        // in the order in which they are to come
        let model: { readonly item: number; priority: number; order: number }[] = [];
        let order = 0;
        for (const each of steps) {
          if (each.type === "add") {
            const controller = new AbortController();
            const item = controllers.push(controller) - 1;
            const options = { priority: each.priority, signal: controller.signal, id: `${item}` };
            queue.add(item, options).catch(() => {});
            model.push({ item, priority: each.priority, order: order++ });
          } else if (each.type === "move") {
            const moved = model.find(({ item }) => item === each.at);
            const isMoved = queue.setPriority(`${each.at}`, each.priority);
            assert.equal(isMoved, moved !== undefined);
            if (moved) Object.assign(moved, { priority: each.priority, order: order++ });
          } else {
            controllers[each.at]?.abort();
            model = model.filter(({ item }) => item !== each.at);
          }
        }
        expect(queue.size).toBe(model.length);
        queue.resume();
        await queue.onIdle();
        const expected = model.toSorted((a, b) => b.priority - a.priority || a.order - b.order);
        expect(begun).toEqual(expected.map(({ item }) => item));
      }),
      { numRuns: 200 },
    );
  });

  it("keeps its bounds, and every item has one outcome, its own", async () => {
    const item = fc.record({
      key,
      priority,
      turns: fc.nat({ max: 3 }),
      failures: fc.nat({ max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(item, { maxLength: 40 }),
        fc.constantFrom(1, 2, 5),
        fc.constantFrom(1, 2, Infinity),
        fc.boolean(),
        async (items, concurrency, keyConcurrency, isFair) => {
          const running = new Map<string | undefined, number>();
          let most = 0;
          let mostOfKey = 0;
          const queue = new WorkQueue<number, number>({
            concurrency,
            keyConcurrency,
            attempts: 3,
            backoff: { initial: 0 },
            ...(isFair && { fairness: true as const }),
            handle: async (at, context) => {
              const ofKey = (running.get(context.key) ?? 0) + 1;
              running.set(context.key, ofKey);
              mostOfKey = Math.max(mostOfKey, ofKey);
              most = Math.max(most, queue.running);
              for (let turn = 0; turn < items[at]!.turns; turn++) await settle();
              running.set(context.key, running.get(context.key)! - 1);
              if (context.attempt <= items[at]!.failures) throw new Error(`failure of ${at}`);
              return at;
            },
          });
          const outcomes = await Promise.allSettled(
            items.map((each, at) => queue.add(at, { key: each.key, priority: each.priority })),
          );
          expect(
            outcomes.map((each) =>
              each.status === "fulfilled" ? each.value : (each.reason as Error).message,
            ),
          ).toEqual(items.map(({ failures }, at) => (failures < 3 ? at : `failure of ${at}`)));
          expect(most).toBeLessThanOrEqual(concurrency);
          expect(mostOfKey).toBeLessThanOrEqual(keyConcurrency);
          await queue.onIdle();
          expect([queue.size, queue.running]).toEqual([0, 0]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("batches keep their bounds, and only poison items fail", async () => {
    const item = fc.record({ key, bytes: fc.nat({ max: 5 }), isPoison: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        fc.array(item, { maxLength: 60 }),
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        async (items, maxItems, byKey) => {
          const clock = new ManualClock();
          const queue = new BatchQueue<number, string>(
            {
              maxItems,
              maxBytes: 12,
              maxWait: "1s",
              concurrency: 2,
              byKey,
              sizeOf: (at) => items[at]!.bytes,
              handle: async (batch, context) => {
                await settle();
                expect(batch.length).toBeLessThanOrEqual(maxItems);
                const bytes = batch.reduce((sum, at) => sum + items[at]!.bytes, 0);
                expect(batch.length === 1 || bytes <= 12).toBe(true);
                const keys = new Set<string | undefined>(batch.map((at) => items[at]!.key));
                expect(!byKey || (keys.size === 1 && keys.has(context.key))).toBe(true);
                const poison = batch.find((at) => items[at]!.isPoison);
                if (poison !== undefined) throw new Error(`poison ${poison}`);
                return batch.map((at) => `done ${at}`);
              },
            },
            { clock },
          );
          const added = Promise.allSettled(
            items.map((each, at) => queue.add(at, { key: each.key })),
          );
          await clock.advance(1000);
          const outcomes = await added;
          expect(
            outcomes.map((each) =>
              each.status === "fulfilled" ? each.value : (each.reason as Error).message,
            ),
          ).toEqual(items.map(({ isPoison }, at) => (isPoison ? `poison ${at}` : `done ${at}`)));
          expect(clock.pending).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });
});
