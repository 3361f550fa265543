import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { describe, expect, it } from "@jest/globals";

import { untilTrue, type Workspace } from "./workspace.js";

/** What a file system does with content that is written. */
export function describeWriting(space: Workspace): void {
  describe(".write()", () => {
    it("takes text, bytes, and streams of either", async () => {
      await space.files.write(space.at("text"), "grün");
      await space.files.write(space.at("bytes"), new Uint8Array([1, 2, 3]));
      await space.files.write(space.at("stream"), Readable.from(["a", Buffer.from("b"), "c"]));
      expect(await space.files.readText(space.at("text"))).toBe("grün");
      expect([...(await space.files.readBytes(space.at("bytes")))]).toEqual([1, 2, 3]);
      expect(await space.files.readText(space.at("stream"))).toBe("abc");
    });

    it("replaces what is there and keeps its mode", async () => {
      await space.files.write(space.at("a"), "one", { mode: 0o640 });
      await space.files.write(space.at("a"), "two");
      expect(await space.files.readText(space.at("a"))).toBe("two");
      expect((await space.files.stat(space.at("a"))).mode).toBe(0o640);
    });

    it("leaves the old content and nothing else when the content fails half-way", async () => {
      await space.files.write(space.at("a"), "old");
      await expect(space.files.write(space.at("a"), failing())).rejects.toThrow("cut");
      await expect(space.files.write(space.at("b"), failing())).rejects.toThrow("cut");
      expect(await space.files.readText(space.at("a"))).toBe("old");
      expect(await space.names(space.directory)).toEqual(["a"]);
    });

    it("shows the old content to readers until the new one is whole", async () => {
      await space.files.write(space.at("a"), "old");
      const seen: string[] = [];
      const slow = async function* () {
        yield "new ";
        seen.push(await space.files.readText(space.at("a")));
        yield "content";
      };
      await space.files.write(space.at("a"), slow());
      expect(seen).toEqual(["old"]);
      expect(await space.files.readText(space.at("a"))).toBe("new content");
    });

    it("lets writes to one file take turns in the order of the calls", async () => {
      const order: number[] = [];
      const content = (n: number) =>
        (async function* () {
          order.push(n);
          yield `${n}`;
        })();
      await Promise.all([1, 2, 3, 4, 5].map((n) => space.files.write(space.at("a"), content(n))));
      expect(order).toEqual([1, 2, 3, 4, 5]);
      expect(await space.files.readText(space.at("a"))).toBe("5");
    });

    it("refuses with overwrite: false when there is something", async () => {
      await space.files.write(space.at("a"), "one", { overwrite: false });
      await expect(
        space.files.write(space.at("a"), "two", { overwrite: false }),
      ).rejects.toMatchObject({
        code: "ERR_FILES_EXISTS",
      });
      expect(await space.files.readText(space.at("a"))).toBe("one");
      const rivals = [1, 2, 3].map((n) =>
        space.files.write(space.at("b"), `${n}`, { overwrite: false }).then(
          () => "won",
          (error) => error.code,
        ),
      );
      const outcomes = (await Promise.all(rivals)).map(String);
      expect(outcomes.toSorted((a, b) => a.localeCompare(b))).toEqual([
        "ERR_FILES_EXISTS",
        "ERR_FILES_EXISTS",
        "won",
      ]);
    });

    it("refuses a directory, and a path without one", async () => {
      await space.files.makeDirectory(space.at("dir"));
      await expect(space.files.write(space.at("dir"), "x")).rejects.toMatchObject({
        code: "ERR_FILES_WRONG_KIND",
      });
      await expect(space.files.write(space.at("none", "a"), "x")).rejects.toMatchObject({
        code: "ERR_FILES_NOT_FOUND",
        details: { path: expect.stringContaining("none") },
      });
    });

    it("stops when the signal aborts, also while it waits for content or for its turn", async () => {
      const control = new AbortController();
      const reason = new Error("enough");
      const stuck = new Readable({ read: () => undefined });
      const first = space.files.write(space.at("a"), stuck, { signal: control.signal });
      const second = space.files.write(space.at("a"), "x", { signal: control.signal });
      control.abort(reason);
      await expect(first).rejects.toBe(reason);
      await expect(second).rejects.toBe(reason);
      expect(stuck.destroyed).toBe(true);
      await expect(space.files.write(space.at("a"), "x", { signal: control.signal })).rejects.toBe(
        reason,
      );
      expect(await space.names(space.directory)).toEqual([]);
    });
  });

  it(".writeStream() puts the file in place when it has finished, and only then", async () => {
    await pipeline(Readable.from(["a", "b"]), space.files.writeStream(space.at("a")));
    expect(await space.files.readText(space.at("a"))).toBe("ab");
    await expect(pipeline(failing(), space.files.writeStream(space.at("a")))).rejects.toThrow(
      "cut",
    );
    await expect(
      pipeline(Readable.from(["a"]), space.files.writeStream(space.at("x", "y"))),
    ).rejects.toThrow("nothing there");
    await untilTrue(async () => (await space.names(space.directory)).length === 1);
    expect(await space.files.readText(space.at("a"))).toBe("ab");
  });

  it(".append() adds to the end, in the order of the calls", async () => {
    await Promise.all(["a", "b", "c"].map((text) => space.files.append(space.at("log"), text)));
    expect(await space.files.readText(space.at("log"))).toBe("abc");
  });
}

async function* failing(): AsyncGenerator<string> {
  yield "new";
  throw new Error("cut");
}
