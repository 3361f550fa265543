import { ManualClock } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { Batcher, memoise, type BatcherOptions } from "../src/index.js";
import { listenersOf, surfaceRejections } from "./watch.js";

function make(options: BatcherOptions<string> = {}) {
  const clock = new ManualClock(0);
  const batches: (readonly string[])[] = [];
  const batcher = new Batcher<string, string>(
    async (items) => {
      batches.push(items);
      return items.map((item) => (item === "bad" ? new Error("bad item") : item.toUpperCase()));
    },
    { clock, ...options },
  );
  return { clock, batches, batcher };
}

describe("Batcher", () => {
  it("gathers the calls of one turn, and gives each caller its own result", async () => {
    const { clock, batches, batcher } = make();
    const results = Promise.allSettled(["a", "bad", "b"].map((item) => batcher.add(item)));
    await clock.advance(0);
    expect(await results).toMatchObject([
      { value: "A" },
      { reason: { message: "bad item" } },
      { value: "B" },
    ]);
    expect(batches).toEqual([["a", "bad", "b"]]);
  });

  it("sends a batch out when it is full, or has waited long enough", async () => {
    const { clock, batches, batcher } = make({ maxItems: 2, maxWait: "50ms" });
    const results = Promise.all(["a", "b", "c"].map((item) => batcher.add(item)));
    expect(batcher.waiting).toBe(1);
    await clock.advance(49);
    expect(batches).toEqual([["a", "b"]]);
    await clock.advance(1);
    expect(batches).toEqual([["a", "b"], ["c"]]);
    await results;
    expect(clock.pending).toBe(0);
  });

  it("keeps a batch below its bytes", async () => {
    const { batches, batcher } = make({ maxBytes: 5, sizeOf: (item) => item.length });
    const results = Promise.all(["aaa", "bbb", "cc", "dddddddd"].map((item) => batcher.add(item)));
    await results;
    expect(batches).toEqual([["aaa"], ["bbb", "cc"], ["dddddddd"]]);
  });

  it("gives everybody the failure of the whole batch", async () => {
    const batcher = new Batcher<number, number>(async () => Promise.reject(new Error("down")));
    const results = await Promise.allSettled([batcher.add(1), batcher.add(2)]);
    expect(results).toMatchObject([
      { reason: { message: "down" } },
      { reason: { message: "down" } },
    ]);
    const short = new Batcher<number, number>(() => []);
    await expect(short.add(1)).rejects.toThrow("one result per item: got 0 for 1");
  });

  it("leaves out who left before it went out, and does not go out for nobody", async () => {
    const { clock, batches, batcher } = make();
    const controller = new AbortController();
    const { signal } = controller;
    const leaving = batcher.add("a", { signal });
    leaving.catch(() => {});
    controller.abort(new Error("left"));
    await expect(leaving).rejects.toThrow("left");
    expect([batcher.waiting, clock.pending, listenersOf(signal)]).toEqual([0, 0, 0]);
    await clock.advance(10);
    expect(batches).toEqual([]);
  });

  it("aborts a batch that is out when every caller has left", async () => {
    let signal!: AbortSignal;
    const batcher = new Batcher<number, number>(
      (_items, context) => {
        ({ signal } = context);
        return new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(new Error("stopped late")));
        });
      },
      { maxItems: 2 },
    );
    const controllers = [new AbortController(), new AbortController()];
    const results = Promise.allSettled(
      controllers.map((each, at) => batcher.add(at, { signal: each.signal })),
    );
    controllers[0]!.abort();
    await surfaceRejections();
    expect(signal.aborted).toBe(false);
    controllers[1]!.abort();
    await results;
    expect(signal.aborted).toBe(true);
    await surfaceRejections();
  });

  it("with memoise() loads each key once", async () => {
    const { clock, batches, batcher } = make();
    const load = memoise((id: string, context) => batcher.add(id, context));
    const results = Promise.all([load("a"), load("b"), load("a")]);
    await clock.advance(0);
    expect(await results).toEqual(["A", "B", "A"]);
    expect(await load("b")).toBe("B");
    expect(batches).toEqual([["a", "b"]]);
  });
});
