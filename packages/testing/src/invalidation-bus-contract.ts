import assert from "node:assert/strict";

import type { Invalidation, InvalidationBus } from "@infra/interfaces";

import { afterEach, describe, it } from "./runner.js";
import { until } from "./until.js";

// the first test may have to start a server
const test = (title: string, body: () => Promise<void>): void => it(title, body, 30_000);

/**
 * The tests that every `InvalidationBus` passes.
 *
 * @param create two ends of one bus that nobody else uses, and what closes them.
 */
export function describeInvalidationBusContract(
  name: string,
  create: () => Promise<{
    readonly one: InvalidationBus;
    readonly other: InvalidationBus;
    close(): Promise<void>;
  }>,
): void {
  describe(`InvalidationBus contract: ${name}`, () => {
    const opened: { close(): Promise<void> }[] = [];
    const open = async (): ReturnType<typeof create> => {
      const ends = await create();
      opened.push(ends);
      return ends;
    };
    afterEach(async () => {
      for (const ends of opened.splice(0)) await ends.close();
    });

    test("publish() reaches every listener at every end, whole and in order", async () => {
      const { one, other } = await open();
      const heard: Invalidation[][] = [[], [], []];
      await one.subscribe((each) => heard[0]!.push(each));
      await other.subscribe((each) => heard[1]!.push(each));
      await other.subscribe((each) => heard[2]!.push(each));
      const first = { origin: "me", keys: ["a:b", "ünï 🙂"], prefixes: ["@ns:"], tags: ["t"] };
      const second = { origin: "me", tags: ["u"] };
      await one.publish(first);
      await one.publish(second);
      await until(() => heard.every((each) => each.length === 2));
      for (const each of heard) assert.deepEqual(each, [first, second]);
    });

    test("subscribe() gives what ends it", async () => {
      const { one, other } = await open();
      const heard: string[] = [];
      const leave = await one.subscribe(({ origin }) => heard.push(`left ${origin}`));
      await one.subscribe(({ origin }) => heard.push(`stayed ${origin}`));
      await leave();
      await leave();
      await other.publish({ origin: "1", keys: ["k"] });
      await until(() => heard.length > 0);
      assert.deepEqual(heard, ["stayed 1"]);
    });

    test("a listener that throws disturbs no other", async () => {
      const { one, other } = await open();
      const heard: string[] = [];
      await one.subscribe(() => {
        throw new Error("a listener of the contract that throws");
      });
      await one.subscribe(({ origin }) => heard.push(origin));
      await other.publish({ origin: "1" });
      await other.publish({ origin: "2" });
      await until(() => heard.length === 2);
    });

    test("publish() rejects with the reason of a signal that is aborted", async () => {
      const { one } = await open();
      const reason = new Error("no longer wanted");
      await assert.rejects(
        one.publish({ origin: "1" }, { signal: AbortSignal.abort(reason) }),
        (error) => error === reason,
      );
    });
  });
}
