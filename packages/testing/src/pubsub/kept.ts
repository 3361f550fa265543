import assert from "node:assert/strict";

import { until } from "../until.js";
import { listen, messagesOf, test, type OpenEnds } from "./listen.js";

/** What is kept, and cursors. */
export function describeKept(open: OpenEnds): void {
  test("subscribe() goes on after a cursor, with what is kept and then with what comes, each once", async () => {
    const { one, other } = await open();
    const first = await listen(one, "durable.a");
    for (const each of [1, 2, 3, 4]) await one.publish("durable.a", each);
    await one.publish("durable.b", "another topic");
    await until(() => first.length === 4);
    const { cursor } = first[1]!.context;
    assert.equal(typeof cursor, "string");
    const heard = await listen(other, "durable.a", { cursor: cursor! });
    for (const each of [5, 6]) await one.publish("durable.a", each);
    await until(() => heard.length === 4);
    assert.deepEqual(messagesOf(heard), [3, 4, 5, 6]);
    assert.deepEqual(
      heard.slice(0, 2).map(({ context }) => context.id),
      first.slice(2, 4).map(({ context }) => context.id),
    );
  });

  test('subscribe() begins with all that is kept at the cursor "0", patterns too', async () => {
    const { one, other } = await open();
    for (const topic of ["durable.a", "durable.b.c", "durable.a"]) await one.publish(topic, topic);
    const heard = await listen(other, "durable.#", { cursor: "0" });
    await one.publish("durable.b.c", "live");
    await until(() => heard.length === 4);
    assert.deepEqual(messagesOf(heard), ["durable.a", "durable.b.c", "durable.a", "live"]);
  });

  test("subscribe() misses nothing that is published while it begins", async () => {
    const { one, other } = await open();
    await one.publish("durable.race", 0);
    const publishing = (async () => {
      for (let at = 1; at <= 200; at += 1) await one.publish("durable.race", at);
    })();
    const heard = await listen(other, "durable.race", { cursor: "0" });
    await publishing;
    await until(() => heard.length === 201);
    assert.deepEqual(
      messagesOf(heard),
      Array.from({ length: 201 }, (_, at) => at),
    );
  });

  test("subscribe() refuses a cursor where nothing is kept, and one of another log", async () => {
    const { one } = await open();
    await one.publish("durable.a", 1);
    await assert.rejects(listen(one, "fleeting", { cursor: "0" }), {
      code: "ERR_PUBSUB_NOT_DURABLE",
    });
    for (const cursor of ["nonsense", "0123456789ab.1", ""]) {
      await assert.rejects(listen(one, "durable.a", { cursor }), {
        code: "ERR_PUBSUB_CURSOR_LOST",
      });
    }
  });

  test("a listener that is slower than what comes gets all of it", async () => {
    const { one, other } = await open();
    const heard: number[] = [];
    await other.subscribe<number>("durable.slow", async (message) => {
      await new Promise((resolve) => void setImmediate(resolve));
      heard.push(message);
    });
    // more than may wait
    await Promise.all(Array.from({ length: 300 }, (_, at) => one.publish("durable.slow", at)));
    await until(() => heard.length === 300);
    assert.deepEqual(
      heard,
      Array.from({ length: 300 }, (_, at) => at),
    );
  });
}
