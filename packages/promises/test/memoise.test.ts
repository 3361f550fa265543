import { ManualClock } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { deferred, memoise } from "../src/index.js";

describe("memoise()", () => {
  it("works once per argument, until the result is too old", async () => {
    const clock = new ManualClock(0);
    let calls = 0;
    const load = memoise((id: string) => `${id} ${++calls}`, { ttl: "1m", clock });
    expect(await Promise.all([load("a"), load("a"), load("b")])).toEqual(["a 1", "a 1", "b 2"]);
    await clock.advance(59_999);
    expect(await load("a")).toBe("a 1");
    await clock.advance(1);
    expect(await load("a")).toBe("a 3");
  });

  it("does not remember a failure", async () => {
    let calls = 0;
    const load = memoise(async (id: string) => {
      if (++calls === 1) throw new Error("down");
      return id;
    });
    await expect(load("a")).rejects.toThrow("down");
    expect(await load("a")).toBe("a");
  });

  it("keeps so many, tells arguments apart by their key, and remembers undefined", async () => {
    let calls = 0;
    const load = memoise(({ id }: { id: number }) => void (calls += id), {
      max: 2,
      key: ({ id }) => id,
    });
    for (const id of [1, 1, 2, 3, 3, 1]) await load({ id });
    expect(calls).toBe(1 + 2 + 3 + 1);
  });

  it.each(["forget", "clear"] as const)("%s() also drops what is being worked on", async (how) => {
    const gates = [deferred<string>(), deferred<string>()];
    let calls = 0;
    const load = memoise((_id: string) => gates[calls++]!.promise);
    const old = load("a");
    if (how === "forget") load.forget("a");
    else load.clear();
    const fresh = load("a");
    gates[1]!.resolve("fresh");
    expect(await fresh).toBe("fresh");
    gates[0]!.resolve("old");
    expect(await old).toBe("old");
    expect(await load("a")).toBe("fresh");
  });
});
