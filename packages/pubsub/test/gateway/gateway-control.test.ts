import { silentLogger, type MessageContext } from "@infra/interfaces";
import { ManualClock, settle } from "@infra/testing";
import { afterEach, describe, expect, it } from "@jest/globals";

import { GatewayControl } from "../../src/gateway/gateway-control.js";
import type { GatewayPubSub } from "../../src/gateway/topic-feed.js";

type Listener = (message: never, context: MessageContext) => unknown;

const clock = new ManualClock();
const everybody = new Set<{ readonly node: string; readonly listener: Listener }>();
/** Nodes that nobody hears, and that hear nobody. */
const away = new Set<string>();
const closing: (() => Promise<void>)[] = [];
let told = 0;

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  everybody.clear();
  away.clear();
  told = 0;
});

/** What publishes for a node, and loses it in silence while the node is away. */
function lineOf(node: string): GatewayPubSub {
  return {
    async publish(_topic, message) {
      if (away.has(node)) return;
      told += 1;
      for (const each of everybody)
        if (!away.has(each.node)) each.listener(message as never, {} as never);
    },
    async subscribe(_topic, listener) {
      const entry = { node, listener: listener as Listener };
      everybody.add(entry);
      const close = async (): Promise<void> => void everybody.delete(entry);
      return { close, [Symbol.asyncDispose]: close };
    },
  };
}

async function open(node: string) {
  const obeyed: unknown[] = [];
  const control = new GatewayControl({
    pubsub: lineOf(node),
    authenticator: undefined,
    clock,
    logger: silentLogger,
    topic: "control",
    node,
    obey: (type, of, before) =>
      obeyed.push([type, Object.values(of)[0], clock.monotonic() - before]),
    missed: () => {},
  });
  await control.open();
  closing.push(() => control.close());
  return { control, obeyed };
}

describe("GatewayControl", () => {
  it.each(["here", "there"])(
    "tells a node what it was not told, once they are in touch again: %s was away",
    async (lost) => {
      const [here, there] = [await open("here"), await open("there")];
      await here.control.tell("disconnect", { userId: "ada" });
      expect(there.obeyed).toEqual([["disconnect", "ada", 0]]);
      away.add(lost);
      await here.control.tell("disconnect", { userId: "bob" });
      await clock.advance(60_000);
      await here.control.tell("recheck", { credentialId: "x" });
      expect(here.obeyed).toHaveLength(3);
      expect(there.obeyed).toHaveLength(1);

      away.clear();
      await clock.advance(2_000);
      // with their age: who came after the order is not meant
      expect(there.obeyed.slice(1)).toEqual([
        ["disconnect", "bob", 62_000],
        ["recheck", "x", 2_000],
      ]);
      expect(here.obeyed).toHaveLength(3);
    },
  );

  it("obeys an order that comes at once, also while one before it is missing", async () => {
    const [here, there] = [await open("here"), await open("there")];
    away.add("there");
    await here.control.tell("disconnect", { userId: "ada" });
    away.clear();
    await here.control.tell("disconnect", { userId: "bob" });
    await settle();
    expect(there.obeyed[0]).toEqual(["disconnect", "bob", 0]);
    expect(there.obeyed).toContainEqual(["disconnect", "ada", 0]);
  });

  it("tells in messages of a bounded size, and each node what it lacks", async () => {
    const [here, there] = [await open("here"), await open("there")];
    away.add("there");
    for (let at = 0; at < 450; at += 1) await here.control.tell("disconnect", { userId: `${at}` });
    away.clear();
    told = 0;
    await clock.advance(2_000);
    expect(there.obeyed.map((each) => (each as string[])[1])).toEqual(
      Array.from({ length: 450 }, (_, at) => `${at}`),
    );
    // a reminder, a question, three answers
    expect(told).toBe(5);
    const late = await open("late");
    await clock.advance(2_000);
    expect(late.obeyed).toHaveLength(450);
    expect(there.obeyed).toHaveLength(450);
  });

  it("remembers the last thousand, for an hour, and says nothing when there is none", async () => {
    const here = await open("here");
    away.add("here");
    for (let at = 0; at < 1_100; at += 1) await here.control.tell("recheck", { userId: `${at}` });
    away.clear();
    const there = await open("there");
    await clock.advance(2_000);
    expect(there.obeyed).toHaveLength(1_000);
    await clock.advance(3_600_000);
    told = 0;
    await clock.advance(60_000);
    expect(told).toBe(0);
    expect(clock.pending).toBe(0);
  });
});
