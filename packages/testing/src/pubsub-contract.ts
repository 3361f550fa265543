import assert from "node:assert/strict";

import type { MessageContext, PubSub } from "@infra/interfaces";

import { afterEach, describe, it } from "./runner.js";
import { until } from "./until.js";

/** Two ends of one engine that nobody else uses; `durable.#` is kept there, with at least 10 messages a topic. */
export interface PubSubEnds {
  readonly one: PubSub;
  /** In another process, as far as the engine knows; the same object where there is but one process. */
  readonly other: PubSub;
  close(): Promise<void>;
}

/** Options of {@link describePubSubContract}. */
export interface PubSubContractOptions {
  /** Why nothing is kept; those tests are skipped, and show it. */
  readonly keepsNothing?: string;
}

interface Heard {
  readonly message: unknown;
  readonly context: MessageContext;
}

// the first test may have to start a server
const test = (title: string, body: () => Promise<void>): void => it(title, body, 30_000);

/** The tests that every `PubSub` passes. */
export function describePubSubContract(
  name: string,
  create: () => Promise<PubSubEnds>,
  { keepsNothing }: PubSubContractOptions = {},
): void {
  describe(`PubSub contract: ${name}`, () => {
    const opened: PubSubEnds[] = [];
    const open = async (): Promise<PubSubEnds> => {
      const ends = await create();
      opened.push(ends);
      return ends;
    };
    afterEach(async () => {
      for (const ends of opened.splice(0)) await ends.close();
    });

    describeDelivery(open);
    describePatterns(open);
    const title = keepsNothing === undefined ? "kept messages" : `kept messages (${keepsNothing})`;
    (keepsNothing === undefined ? describe : describe.skip)(title, () => describeKept(open));
  });
}

type Open = () => Promise<PubSubEnds>;

async function listen(
  end: PubSub,
  topic: string,
  options: { cursor?: string; onGap?: () => void } = {},
): Promise<Heard[]> {
  const heard: Heard[] = [];
  await end.subscribe<unknown>(
    topic,
    (message, context) => void heard.push({ message, context }),
    options,
  );
  return heard;
}

const messagesOf = (heard: readonly Heard[]): unknown[] => heard.map(({ message }) => message);

function describeDelivery(open: Open): void {
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

function describePatterns(open: Open): void {
  test("subscribe() hears `*` for one part and `#` for any further ones, each message once", async () => {
    const { one, other } = await open();
    const topics = ["a", "a.b", "a.b.c", "a.x.c", "ab", "b.a"];
    const wanted = {
      "a.*": ["a.b"],
      "a.#": ["a", "a.b", "a.b.c", "a.x.c"],
      "a.*.c": ["a.b.c", "a.x.c"],
      "*.*": ["a.b", "b.a"],
      "#": topics,
      "a.b": ["a.b"],
    };
    const heard = new Map<string, Heard[]>();
    for (const pattern of Object.keys(wanted)) heard.set(pattern, await listen(other, pattern));
    for (const topic of topics) await one.publish(topic, topic);
    for (const [pattern, expected] of Object.entries(wanted)) {
      await until(() => heard.get(pattern)!.length >= expected.length);
      assert.deepEqual(messagesOf(heard.get(pattern)!), expected, pattern);
      assert.deepEqual(
        heard.get(pattern)!.map(({ context }) => context.topic),
        expected,
      );
    }
  });

  test("a topic called like what every object has is heard like any other", async () => {
    const { one, other } = await open();
    const heard = await listen(other, "toString.valueOf");
    await one.publish("toString.valueOf", 1);
    await until(() => heard.length === 1);
  });
}

function describeKept(open: Open): void {
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
