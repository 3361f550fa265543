import assert from "node:assert/strict";

import { until } from "../until.js";
import { listen, messagesOf, test, type OpenEnds } from "./listen.js";

/** What is published is heard, in order and as it was. */
export function describeDelivery(open: OpenEnds): void {
  test("publish() reaches every listener at both ends, whole and in order", async () => {
    const { one, other } = await open();
    const all = [
      await listen(one, "orders.created"),
      await listen(one, "orders.created"),
      await listen(other, "orders.created"),
    ];
    const messages = [
      { text: "ünï 🙂 \u0000 \n '\"", list: [1, -0.5, true, null, { deep: [] }] },
      "text",
      0,
      null,
      [],
    ];
    for (const each of messages) await one.publish("orders.created", each);
    for (const heard of all) {
      await until(() => heard.length === messages.length);
      assert.deepEqual(messagesOf(heard), messages);
    }
    const { context } = all[2]![0]!;
    assert.equal(context.topic, "orders.created");
    assert.ok(Math.abs(context.publishedAt - Date.now()) < 60_000);
    assert.equal(new Set(all.map(([first]) => first!.context.id)).size, 1);
    assert.equal(new Set(all[0]!.map((each) => each.context.id)).size, messages.length);
  });

  test("publish() carries messages of 100,000 bytes, among small ones and in order", async () => {
    const { one, other } = await open();
    const heard = await listen(other, "large");
    const text = "é".repeat(50_000);
    const messages = ["before", { text }, "between", { text: `${text}!` }, "after"];
    for (const each of messages) await one.publish("large", each);
    await until(() => heard.length === messages.length);
    assert.deepEqual(messagesOf(heard), messages);
  });

  test("publish() keeps one publisher's 500 messages in order", async () => {
    const { one, other } = await open();
    const heard = await listen(other, "many");
    await Promise.all(Array.from({ length: 500 }, (_, at) => one.publish("many", at)));
    await until(() => heard.length === 500);
    assert.deepEqual(
      messagesOf(heard),
      Array.from({ length: 500 }, (_, at) => at),
    );
  });

  test("a message is as it was when it was published", async () => {
    const { one } = await open();
    const heard = await listen(one, "changing");
    const message = { list: [1] };
    const published = one.publish("changing", message);
    message.list.push(2);
    await published;
    await until(() => heard.length === 1);
    assert.deepEqual(messagesOf(heard), [{ list: [1] }]);
  });

  test("publish() refuses what is not plain JSON, naming where it stands", async () => {
    const { one } = await open();
    const circle: { self?: unknown } = {};
    circle.self = circle;
    for (const bad of [() => 1, 1n, Number.NaN, { at: [new Map()] }, circle, undefined]) {
      await assert.rejects(one.publish<unknown>("bad", bad), {
        code: "ERR_PUBSUB_UNSUPPORTED_MESSAGE",
      });
    }
    await assert.rejects(one.publish<unknown>("bad", { at: [new Map()] }), /at\.0/);
  });

  test("publish() and subscribe() refuse what is no topic", async () => {
    const { one } = await open();
    for (const bad of [
      "",
      ".",
      "a..b",
      "a b",
      "a.__proto__",
      "constructor",
      "x".repeat(300),
      "ü",
    ]) {
      await assert.rejects(one.publish(bad, 1), RangeError);
      await assert.rejects(
        one.subscribe(bad, () => {}),
        RangeError,
      );
    }
    for (const pattern of ["a.*", "a.#", "#"])
      await assert.rejects(one.publish(pattern, 1), RangeError);
    for (const bad of ["a.#.b", "a*", "**"]) {
      await assert.rejects(
        one.subscribe(bad, () => {}),
        RangeError,
      );
    }
  });

  test("a listener that throws or rejects disturbs no other", async () => {
    const { one, other } = await open();
    await other.subscribe("t", () => {
      throw new Error("a listener of the contract that throws");
    });
    await other.subscribe("t", () =>
      Promise.reject(new Error("a listener of the contract that rejects")),
    );
    const heard = await listen(other, "t");
    await one.publish("t", 1);
    await one.publish("t", 2);
    await until(() => heard.length === 2);
  });

  test("a listener that works is called again only when it is done", async () => {
    const { one } = await open();
    const log: string[] = [];
    await one.subscribe<number>("slow", async (message) => {
      log.push(`begin ${message}`);
      await new Promise((resolve) => void setImmediate(resolve));
      log.push(`end ${message}`);
    });
    for (const each of [1, 2, 3]) await one.publish("slow", each);
    await until(() => log.length === 6);
    assert.deepEqual(log, ["begin 1", "end 1", "begin 2", "end 2", "begin 3", "end 3"]);
  });

  test("close() ends a subscription, after the message that is being handled", async () => {
    const { one } = await open();
    let release!: () => void;
    const log: string[] = [];
    const subscription = await one.subscribe("t", async (_message, { signal }) => {
      log.push("begin");
      await new Promise<void>((resolve) => (release = resolve));
      log.push(signal.aborted ? "aborted" : "not aborted");
    });
    const rest = await listen(one, "t");
    await one.publish("t", 1);
    await until(() => log.length === 1);
    const closed = subscription.close().then(() => log.push("closed"));
    await one.publish("t", 2);
    await until(() => rest.length === 2);
    assert.deepEqual(log, ["begin"]);
    release();
    await closed;
    await subscription.close();
    assert.deepEqual(log, ["begin", "aborted", "closed"]);
  });

  test("a signal ends a subscription, and refuses what has not begun", async () => {
    const { one } = await open();
    const controller = new AbortController();
    const heard: unknown[] = [];
    await one.subscribe<number>("t", (message) => void heard.push(message), {
      signal: controller.signal,
    });
    const rest = await listen(one, "t");
    controller.abort();
    await one.publish("t", 1);
    await until(() => rest.length === 1);
    assert.deepEqual(heard, []);
    const reason = new Error("no longer wanted");
    const signal = AbortSignal.abort(reason);
    await assert.rejects(one.publish("t", 1, { signal }), (error) => error === reason);
    await assert.rejects(
      one.subscribe("t", () => {}, { signal }),
      (error) => error === reason,
    );
  });
}
