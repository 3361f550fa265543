import assert from "node:assert/strict";

import type { Queue } from "@infra/interfaces";

import { afterEach, describe, it } from "./runner.js";

/** What the queue under test does with an item; `signal` is that of its operation. */
export type QueueContractHandler = (
  item: number,
  context: { readonly signal: AbortSignal },
) => Promise<string>;

/**
 * The tests that every `Queue` passes.
 *
 * @param create a queue that has `handle` carry out each item, one operation at a time, and what stops it.
 */
export function describeQueueContract(
  name: string,
  create: (handle: QueueContractHandler) => {
    readonly queue: Queue<number, string>;
    close(): Promise<void>;
  },
): void {
  describe(`Queue contract: ${name}`, () => {
    const opened: { close(): Promise<void> }[] = [];
    const open = (handle: QueueContractHandler): Queue<number, string> => {
      const made = create(handle);
      opened.push(made);
      return made.queue;
    };
    afterEach(async () => {
      for (const each of opened.splice(0)) await each.close();
    });

    it("add() resolves with the item's own result, and rejects with its own error", async () => {
      const failure = new Error("odd");
      const queue = open(async (item) => {
        if (item % 2 === 1) throw failure;
        return `even ${item}`;
      });
      const outcomes = await Promise.allSettled([queue.add(2), queue.add(3), queue.add(4)]);
      assert.deepEqual(
        outcomes.map((each) => (each.status === "fulfilled" ? each.value : each.reason)),
        ["even 2", failure, "even 4"],
      );
    });

    it("begins nothing while it is paused, and goes on when it is resumed", async () => {
      const begun: number[] = [];
      const queue = open(async (item) => {
        begun.push(item);
        return "";
      });
      queue.pause();
      const added = [queue.add(1), queue.add(2)];
      await turn();
      assert.deepEqual(begun, []);
      assert.equal(queue.size, 2);
      assert.equal(queue.running, 0);
      queue.resume();
      await Promise.all(added);
      assert.deepEqual(begun, [1, 2]);
      assert.equal(queue.size, 0);
    });

    it("what runs goes on when it is paused, and is counted", async () => {
      const gate = gateOf();
      const queue = open(async () => {
        gate.reached();
        await gate.opened;
        return "done";
      });
      const first = queue.add(1);
      await gate.isReached;
      assert.equal(queue.running, 1);
      queue.pause();
      const second = queue.add(2);
      gate.open();
      assert.equal(await first, "done");
      await turn();
      assert.equal(queue.running, 0);
      assert.equal(queue.size, 1);
      queue.resume();
      assert.equal(await second, "done");
    });

    it("carries out the higher priority first, and equals in the order in which they came", async () => {
      const begun: number[] = [];
      const queue = open(async (item) => {
        begun.push(item);
        return "";
      });
      queue.pause();
      const added = [
        queue.add(1),
        queue.add(2, { priority: 5 }),
        queue.add(3, { priority: -1 }),
        queue.add(4),
        queue.add(5, { priority: 5 }),
      ];
      queue.resume();
      await Promise.all(added);
      assert.deepEqual(begun, [2, 5, 1, 4, 3]);
    });

    it("signal takes an item back while it waits, with its reason", async () => {
      const begun: number[] = [];
      const queue = open(async (item) => {
        begun.push(item);
        return "";
      });
      queue.pause();
      const controller = new AbortController();
      const kept = queue.add(1);
      const taken = queue.add(2, { signal: controller.signal });
      const reason = new Error("not wanted");
      controller.abort(reason);
      await assert.rejects(taken, (error) => error === reason);
      assert.equal(queue.size, 1);
      queue.resume();
      await kept;
      await queue.onIdle();
      assert.deepEqual(begun, [1]);
      await assert.rejects(
        queue.add(3, { signal: AbortSignal.abort(reason) }),
        (error) => error === reason,
      );
    });

    it("signal aborts the operation that runs, which nobody else waits for", async () => {
      const gate = gateOf();
      let aborted: unknown;
      const queue = open(async (_item, { signal }) => {
        gate.reached();
        await new Promise<void>((resolve) => {
          signal.addEventListener("abort", () => resolve(), { once: true });
        });
        aborted = signal.reason;
        throw signal.reason;
      });
      const controller = new AbortController();
      const added = queue.add(1, { signal: controller.signal });
      await gate.isReached;
      const reason = new Error("not wanted");
      controller.abort(reason);
      await assert.rejects(added, (error) => error === reason);
      await queue.onIdle();
      assert.equal(aborted, reason);
    });

    it("onIdle() resolves at once when there is nothing, and else when nothing waits or runs", async () => {
      const done: number[] = [];
      const queue = open(async (item) => {
        await turn();
        done.push(item);
        return "";
      });
      await queue.onIdle();
      const added = [queue.add(1), queue.add(2), queue.add(3)];
      await queue.onIdle();
      assert.deepEqual(done, [1, 2, 3]);
      await Promise.all(added);
      queue.pause();
      void queue.add(4);
      const reason = new Error("enough");
      await assert.rejects(
        queue.onIdle({ signal: AbortSignal.abort(reason) }),
        (error) => error === reason,
      );
      queue.resume();
      await queue.onIdle();
    });
  });
}

function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

function gateOf(): {
  readonly isReached: Promise<void>;
  reached(): void;
  readonly opened: Promise<void>;
  open(): void;
} {
  let reached!: () => void;
  let open!: () => void;
  const isReached = new Promise<void>((resolve) => (reached = resolve));
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { isReached, reached: () => reached(), opened, open: () => open() };
}
