import { getEventListeners } from "node:events";

import { deferred } from "@infra/promises";
import { settle, until } from "@infra/testing";
import { afterEach, describe, expect, it } from "@jest/globals";

import { defineTopic, PubSubService } from "../src/index.js";
import type { PubSubEngine, PubSubEvent, PubSubOptions } from "../src/index.js";

const opened: PubSubService[] = [];
const open = (options: PubSubOptions = {}): PubSubService => {
  const pubsub = new PubSubService(options);
  opened.push(pubsub);
  return pubsub;
};
afterEach(async () => {
  for (const pubsub of opened.splice(0)) await pubsub.stop();
});

/** Numbers above 0 only; takes its time when it is told to. */
const positive = (late = false) => ({
  "~standard": {
    version: 1 as const,
    vendor: "test",
    validate: (value: unknown) => {
      const result =
        typeof value === "number" && value > 0
          ? { value }
          : { issues: [{ message: "must be above 0", path: ["at"] }] };
      return late ? Promise.resolve(result) : result;
    },
  },
});

describe("publish()", () => {
  it("is heard after the call, also when a listener publishes: in order for everybody", async () => {
    const pubsub = open();
    const heard: string[] = [];
    await pubsub.subscribe<string>("t", (message) => {
      heard.push(`first ${message}`);
      if (message === "a") void pubsub.publish("t", "b");
    });
    await pubsub.subscribe<string>("t", (message) => void heard.push(`second ${message}`));
    const published = pubsub.publish("t", "a");
    expect(heard).toEqual([]);
    await published;
    await until(() => heard.length === 4);
    expect(heard).toEqual(["first a", "second a", "first b", "second b"]);
  });

  it("holds a bounded number of messages in a turn that publishes without end", async () => {
    const pubsub = open();
    let heard = 0;
    await pubsub.subscribe("t", () => void (heard += 1));
    for (let at = 0; at < 10_000; at += 1) void pubsub.publish("t", at);
    expect(heard).toBeGreaterThan(8_000);
  });

  it.each([
    ["at once", false],
    ["later", true],
  ])("checks the message by the topic's schema that answers %s", async (_when, late) => {
    const pubsub = open();
    const topic = defineTopic<number>("numbers", { schema: positive(late) });
    const heard: number[] = [];
    const events: PubSubEvent[] = [];
    pubsub.onEvent((event) => events.push(event));
    await pubsub.subscribe(topic, (message) => void heard.push(message));
    await pubsub.publish(topic, 1);
    await expect(pubsub.publish(topic, -1)).rejects.toMatchObject({
      code: "ERR_PUBSUB_INVALID_MESSAGE",
      status: 400,
      details: { issues: [{ path: ["at"], message: "must be above 0" }] },
    });
    // somebody who does not know the topic
    await pubsub.publish("numbers", -2);
    await pubsub.publish(topic, 3);
    await until(() => heard.length === 2);
    expect(heard).toEqual([1, 3]);
    expect(events.filter(({ type }) => type !== "connected")).toMatchObject([
      { type: "invalid", topic: "numbers" },
    ]);
    expect(pubsub.stats()).toMatchObject({ invalid: 1, delivered: 3 });
  });

  it("does not let a message reach the prototype of what is heard", async () => {
    const pubsub = open();
    const heard: object[] = [];
    await pubsub.subscribe<object>("t", (message) => void heard.push(message));
    await pubsub.publish("t", JSON.parse('{"__proto__": {"admin": true}}') as object);
    await until(() => heard.length === 1);
    expect((heard[0] as { admin?: boolean }).admin).toBeUndefined();
    expect(Object.keys(heard[0]!)).toEqual(["__proto__"]);
  });
});

describe("subscribe()", () => {
  it("lets go of its signal when the subscription is closed", async () => {
    const pubsub = open();
    const { signal } = new AbortController();
    for (let at = 0; at < 3; at += 1) {
      const subscription = await pubsub.subscribe("t", () => {}, { signal });
      expect(getEventListeners(signal, "abort")).toHaveLength(1);
      await subscription.close();
    }
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("drops what waits beyond maxPending for a slow listener, and says so once", async () => {
    const pubsub = open({ maxPending: 10 });
    let release!: () => void;
    const first = new Promise<void>((resolve) => (release = resolve));
    const heard: number[] = [];
    const gaps: string[] = [];
    await pubsub.subscribe<number>(
      "t",
      (message) => {
        heard.push(message);
        return message === 0 ? first : undefined;
      },
      { onGap: ({ reason }) => void gaps.push(reason) },
    );
    for (let at = 0; at < 31; at += 1) await pubsub.publish("t", at);
    release();
    await until(() => gaps.length === 1);
    expect(heard).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(gaps[0]).toContain("20 messages were dropped");
    expect(pubsub.stats()).toMatchObject({ dropped: 20, gaps: 1 });
  });

  it("tells that what came after a cursor is no longer kept, never a hole in silence", async () => {
    const pubsub = open({ durable: ["d"], keepMessages: 5 });
    const cursors: string[] = [];
    await pubsub.subscribe("d", (_message, { cursor }) => void cursors.push(cursor!));
    for (let at = 0; at < 30; at += 1) await pubsub.publish("d", at);
    await until(() => cursors.length === 30);
    await expect(pubsub.subscribe("d", () => {}, { cursor: cursors[2]! })).rejects.toMatchObject({
      code: "ERR_PUBSUB_CURSOR_LOST",
      status: 410,
    });
    const late: unknown[] = [];
    await pubsub.subscribe<number>("d", (message) => void late.push(message), {
      cursor: cursors[26]!,
    });
    await until(() => late.length === 3);
    expect(late).toEqual([27, 28, 29]);
  });
});

describe("history()", () => {
  it("reads what is kept in pages, each with the cursor to go on", async () => {
    const pubsub = open({ durable: ["d.#"] });
    for (let at = 0; at < 5; at += 1) await pubsub.publish(`d.${at % 2}`, at);
    const first = await pubsub.history<number>("d.#", { limit: 3 });
    const rest = await pubsub.history<number>("d.#", { cursor: first.cursor });
    expect([...first.messages, ...rest.messages].map(({ message }) => message)).toEqual([
      0, 1, 2, 3, 4,
    ]);
    expect(await pubsub.history("d.#", { cursor: rest.cursor })).toEqual({
      messages: [],
      cursor: rest.cursor,
    });
    await expect(pubsub.history("other")).rejects.toMatchObject({ code: "ERR_PUBSUB_NOT_DURABLE" });
    await expect(pubsub.history("d.#", { limit: 0 })).rejects.toThrow(RangeError);
  });
});

describe("isDurable()", () => {
  it.each([
    ["a.b", true],
    ["a", true],
    ["a.*", true],
    ["a.#", true],
    ["a.*.#", true],
    ["x.1.y", true],
    ["x.*.y", true],
    ["x.*.*", false],
    ["x.#", false],
    ["#", false],
    ["*.b", false],
    ["b", false],
  ])("%s: %s", (pattern, expected) => {
    expect(open({ durable: ["a.#", "x.*.y"] }).isDurable(pattern)).toBe(expected);
  });
});

describe("an engine of one's own", () => {
  it("is given what is published, and not closed; what is too large reaches neither it nor a listener", async () => {
    const sent: unknown[] = [];
    let closed = false;
    const engine: PubSubEngine = {
      name: "own",
      open: async (handler) => handler.onState(true),
      listen: async () => {},
      unlisten: async () => {},
      send: async ({ message }) => void sent.push(message),
      append: async () => {},
      read: async () => ({ messages: [], lost: false, epoch: "e" }),
      position: async () => ({ epoch: "e", seq: 0 }),
      ping: async () => {},
      close: async () => void (closed = true),
    };
    const pubsub = open({ engine, maxMessageBytes: "1kb" });
    const heard: unknown[] = [];
    await pubsub.subscribe<string>("t", (message) => void heard.push(message));
    await expect(pubsub.publish("t", "x".repeat(2_000))).rejects.toMatchObject({
      code: "ERR_PUBSUB_MESSAGE_TOO_LARGE",
      status: 413,
    });
    await pubsub.publish("t", "small");
    await until(() => heard.length === 1);
    expect([heard, sent]).toEqual([["small"], ["small"]]);
    await pubsub.stop();
    expect(closed).toBe(false);
  });
});

/** One that is ready when the test says so. */
function lateEngine() {
  const calls: string[] = [];
  const opening = deferred();
  const listening = deferred();
  let ready = false;
  const engine: PubSubEngine = {
    name: "late",
    async open(handler) {
      await opening.promise;
      ready = true;
      handler.onState(true);
    },
    async listen(pattern) {
      calls.push(`listen ${pattern}`);
      await listening.promise;
    },
    unlisten: async (pattern) => void calls.push(`unlisten ${pattern}`),
    async send({ message }) {
      if (!ready) throw new Error("there is no connection");
      calls.push(`send ${String(message)}`);
    },
    append: async () => {},
    read: async () => ({ messages: [], lost: false, epoch: "e" }),
    position: async () => ({ epoch: "e", seq: 0 }),
    ping: async () => {},
    close: async () => {},
  };
  return { engine, calls, opening, listening };
}

describe("an engine that takes its time", () => {
  it("gets in their order what was published while it was opened", async () => {
    const { engine, calls, opening } = lateEngine();
    const pubsub = open({ engine });
    const publishing = [pubsub.publish("t", 1)];
    await settle();
    publishing.push(pubsub.publish("t", 2));
    await settle();
    opening.resolve();
    await Promise.all(publishing);
    expect(calls).toEqual(["send 1", "send 2"]);
    expect(pubsub.stats().unsent).toBe(0);
  });

  it("subscribe(): resolves when it hears, also for who is second", async () => {
    const { engine, calls, opening, listening } = lateEngine();
    opening.resolve();
    const pubsub = open({ engine });
    const done: string[] = [];
    const both = ["first", "second"].map(async (each) => {
      await pubsub.subscribe("t", () => {});
      done.push(each);
    });
    await settle();
    expect([calls, done]).toEqual([["listen t"], []]);
    listening.resolve();
    await Promise.all(both);
    expect(done).toEqual(["first", "second"]);
  });

  it("subscribe(): leaves nothing behind when it can't hear, with failure throw", async () => {
    const { engine, calls, opening, listening } = lateEngine();
    opening.resolve();
    const pubsub = open({ engine, failure: "throw" });
    const heard: unknown[] = [];
    const subscribing = pubsub.subscribe<unknown>("t", (message) => void heard.push(message));
    listening.reject(new Error("there is no connection"));
    await expect(subscribing).rejects.toMatchObject({ code: "ERR_PUBSUB_UNAVAILABLE" });
    expect(pubsub.stats().subscriptions).toBe(0);
    await pubsub.publish("t", 1);
    await settle();
    expect(heard).toEqual([]);
    expect(calls).toEqual(["listen t", "unlisten t", "send 1"]);
  });
});

describe("options", () => {
  it.each([
    [{ url: "amqp://user:secret@host" }, /memory:, redis:\/\//],
    [{ url: "redis:host" }, /slashes/],
    [{ prefix: "a b" }, /prefix/],
    [{ durable: ["a..b"] }, /durable/],
    [{ maxPending: 0 }, /maxPending/],
    [{ keepFor: 0 }, /keepFor/],
    [{ failure: "ignore" as never }, /failure/],
  ])("%j is refused, naming the option and no secret", (options, expected) => {
    expect(() => new PubSubService(options)).toThrow(expected);
    expect(() => new PubSubService(options)).not.toThrow(/secret/);
  });

  it("database: without a database is an error that says so", async () => {
    await expect(open({ url: "database:", failure: "throw" }).start()).rejects.toThrow(
      /`database`/,
    );
  });
});

describe("stop()", () => {
  it("waits for the listener that works, and ends without it when the signal aborts", async () => {
    const pubsub = open();
    await pubsub.subscribe("t", () => new Promise(() => {}));
    await pubsub.publish("t", 1);
    await until(() => pubsub.stats().delivered === 1);
    await pubsub.stop({ signal: AbortSignal.timeout(20) });
    await expect(pubsub.publish("t", 1)).rejects.toMatchObject({ code: "ERR_PUBSUB_STOPPED" });
    expect(await pubsub.health()).toMatchObject({ status: "down" });
  });
});
