import { silentLogger, systemClock } from "@infra/interfaces";
import { until } from "@infra/testing";
import { afterEach, describe, expect, it } from "@jest/globals";

import { PresenceDirectory } from "../../src/gateway/presence.js";
import { PubSubService } from "../../src/index.js";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

function open(pubsub: PubSubService) {
  const changes: string[] = [];
  const directory = new PresenceDirectory({
    pubsub,
    topic: "infra.test.presence",
    clock: systemClock,
    logger: silentLogger,
    onChange: (_topic, { type, member }) => changes.push(`${type} ${member.id}`),
  });
  closing.push(() => directory.close());
  return { directory, changes };
}

describe("PresenceDirectory", () => {
  it("tells a node that comes later all members, in messages of a bounded size", async () => {
    const pubsub = new PubSubService();
    closing.push(() => pubsub.stop());
    const first = open(pubsub);
    await first.directory.open();
    for (let at = 0; at < 1_200; at += 1) first.directory.join("room", `k${at}`, { id: `u${at}` });
    let largest = 0;
    await pubsub.subscribe<{ members?: unknown[] }>("infra.test.presence", ({ members = [] }) => {
      largest = Math.max(largest, members.length);
    });
    const second = open(pubsub);
    await second.directory.open();
    await until(() => second.directory.members("room").length === 1_200);
    expect(largest).toBeLessThanOrEqual(200);
    first.directory.leave("room", "k7");
    await until(() => second.directory.members("room").length === 1_199);
    expect(second.changes.at(-1)).toBe("leave u7");
  });

  it("asks for the whole when it missed a change", async () => {
    const pubsub = new PubSubService();
    closing.push(() => pubsub.stop());
    const [first, second] = [open(pubsub), open(pubsub)];
    await first.directory.open();
    await second.directory.open();
    first.directory.join("room", "a", { id: "ada" });
    await until(() => second.changes.length === 1);
    // as if one had not come
    await pubsub.publish("infra.test.presence", {
      node: first.directory.node,
      type: "leave",
      topic: "room",
      key: "other",
      version: 7,
    });
    first.directory.join("room", "b", { id: "bob" });
    await until(() => second.directory.members("room").length === 2);
    expect(second.changes).toEqual(["join ada", "join bob"]);
  });
});
