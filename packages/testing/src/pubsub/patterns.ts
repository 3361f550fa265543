import assert from "node:assert/strict";

import { until } from "../until.js";
import { listen, messagesOf, test, type Heard, type OpenEnds } from "./listen.js";

/** Wildcards. */
export function describePatterns(open: OpenEnds): void {
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
