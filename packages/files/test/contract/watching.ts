import { describe, expect, it } from "@jest/globals";

import type { FileChange } from "../../src/index.js";
import { toArray, type Workspace } from "./workspace.js";

/** What a file system reports when it is watched. */
export function describeWatching(space: Workspace): void {
  const collectChanges = async (
    path: string,
    options: { readonly recursive?: boolean },
    act: () => Promise<void>,
    until: (changes: readonly FileChange[]) => boolean,
  ): Promise<FileChange[]> => {
    await using watch = await space.files.watch(path, options);
    const changes: FileChange[] = [];
    await act();
    for await (const change of watch) {
      changes.push(change);
      if (until(changes)) break;
    }
    return changes;
  };

  describe(".watch()", () => {
    it("reports what is created, changed and removed, from the moment it resolves", async () => {
      await space.files.write(space.at("a"), "1");
      await space.files.write(space.at("b"), "1");
      const changes = await collectChanges(
        space.directory,
        {},
        async () => {
          await space.files.write(space.at("a"), "2");
          await space.files.write(space.at("c"), "1");
          await space.files.remove(space.at("b"));
        },
        (list) =>
          seen(list, "changed", "a") && seen(list, "created", "c") && seen(list, "removed", "b"),
      );
      expect(changes).toContainEqual({ type: "removed", relativePath: "b", kind: "file" });
      expect(changes.some(({ relativePath }) => relativePath.includes(".infra-"))).toBe(false);
    });

    it("reports what a directory holds when it arrives and when it goes, when recursive", async () => {
      await space.files.makeDirectory(space.at("root"));
      await space.files.makeDirectory(space.at("dir", "deep"));
      await space.files.write(space.at("dir", "deep", "a"), "1");
      await using watch = await space.files.watch(space.at("root"), { recursive: true });
      const changes: FileChange[] = [];
      const until = async (...wanted: [string, string][]) => {
        for await (const change of { [Symbol.asyncIterator]: () => iterator }) {
          changes.push(change);
          if (wanted.every(([type, path]) => seen(changes, type, path))) return;
        }
      };
      const pending = watch[Symbol.asyncIterator]();
      // a loop that breaks would end the watch
      const iterator = { next: () => pending.next() };
      await space.files.move(space.at("dir"), space.at("root", "dir"));
      await until(["created", "dir"], ["created", "dir/deep"], ["created", "dir/deep/a"]);
      await space.files.write(space.at("root", "dir", "deep", "b"), "2");
      await until(["created", "dir/deep/b"]);
      await space.files.remove(space.at("root", "dir"), { recursive: true });
      await until(["removed", "dir"], ["removed", "dir/deep/a"], ["removed", "dir/deep/b"]);
      expect(changes.filter(({ relativePath }) => relativePath === "dir")).toEqual([
        { type: "created", relativePath: "dir", kind: "directory" },
        { type: "removed", relativePath: "dir", kind: "directory" },
      ]);
    });

    it("watches one file", async () => {
      await space.files.write(space.at("a"), "1");
      const changes = await collectChanges(
        space.at("a"),
        {},
        async () => {
          await space.files.write(space.at("b"), "1");
          await space.files.write(space.at("a"), "2");
        },
        (list) => list.length > 0,
      );
      expect(changes).toEqual([{ type: "changed", relativePath: "", kind: "file" }]);
    });

    it("ends by close, and with the reason when the signal aborts", async () => {
      const closed = await space.files.watch(space.directory);
      const loop = toArray(closed);
      await closed.close();
      expect(await loop).toEqual([]);
      const control = new AbortController();
      const aborted = await space.files.watch(space.directory, { signal: control.signal });
      const reason = new Error("enough");
      const iterating = toArray(aborted);
      control.abort(reason);
      await expect(iterating).rejects.toBe(reason);
      await expect(space.files.watch(space.at("none"))).rejects.toMatchObject({
        code: "ERR_FILES_NOT_FOUND",
      });
    });
  });
}

function seen(changes: readonly FileChange[], type: string, relativePath: string): boolean {
  return changes.some((change) => change.type === type && change.relativePath === relativePath);
}
