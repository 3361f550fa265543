import { settle } from "@infra/testing";
import { describe, expect, it } from "@jest/globals";

import { deferred, ReadWriteLock } from "../src/index.js";
import { listenersOf } from "./watch.js";

describe("ReadWriteLock", () => {
  it("lets many read at once, and one write alone, in the order in which they came", async () => {
    const lock = new ReadWriteLock();
    const gates = Array.from({ length: 5 }, () => deferred());
    const begun: string[] = [];
    const at = (name: string, gate: number) => () => {
      begun.push(name);
      return gates[gate]!.promise;
    };
    const all = [
      lock.read(at("read 1", 0)),
      lock.read(at("read 2", 1)),
      lock.write(at("write 1", 2)),
      lock.read(at("read 3", 3)),
      lock.read(at("read 4", 4)),
    ];
    await settle();
    expect([begun, lock.readers, lock.waiting]).toEqual([["read 1", "read 2"], 2, 3]);
    gates[0]!.resolve();
    await settle();
    expect(begun).toHaveLength(2);
    gates[1]!.resolve();
    await settle();
    expect([begun.at(-1), lock.writing, lock.readers]).toEqual(["write 1", true, 0]);
    gates[2]!.resolve();
    await settle();
    expect(begun.slice(3)).toEqual(["read 3", "read 4"]);
    for (const gate of gates) gate.resolve();
    await Promise.all(all);
    expect([lock.readers, lock.writing, lock.waiting]).toEqual([0, false, 0]);
  });

  it("lets the readers in that a writer kept waiting when it leaves", async () => {
    const lock = new ReadWriteLock();
    using first = await lock.acquireRead();
    const controller = new AbortController();
    const { signal } = controller;
    const writer = lock.acquireWrite({ signal });
    const reader = lock.acquireRead();
    controller.abort(new Error("left"));
    await expect(writer).rejects.toThrow("left");
    (await reader).release();
    first.release();
    expect([lock.readers, listenersOf(signal)]).toEqual([0, 0]);
    const write = await lock.acquireWrite();
    expect(lock.writing).toBe(true);
    write.release();
    write.release();
    expect(lock.writing).toBe(false);
  });
});
