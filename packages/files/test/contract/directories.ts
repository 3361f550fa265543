import { dirname, join } from "node:path";

import { describe, expect, it } from "@jest/globals";

import { Files } from "../../src/index.js";
import type { Workspace } from "./workspace.js";

/** What a file system does with directories. */
export function describeDirectories(space: Workspace): void {
  const tree = async () => {
    for (const name of ["a.ts", "b.js", ".hidden.ts", "src/c.ts", "src/deep/d.ts", "lib/e.ts"]) {
      await space.files.makeDirectory(dirname(space.at(name)));
      await space.files.write(space.at(name), name);
    }
  };
  const found = async (options: Parameters<Files["walk"]>[1]) => {
    const paths: string[] = [];
    for await (const entry of space.files.walk(space.directory, options)) {
      expect(entry.path).toBe(join(space.directory, entry.relativePath));
      expect(entry.depth).toBe(entry.relativePath.split("/").length);
      paths.push(entry.relativePath);
    }
    return paths.toSorted();
  };

  describe("directories", () => {
    it(".makeDirectory() makes those above too, and minds a file in the way", async () => {
      await space.files.makeDirectory(space.at("x", "y", "z"));
      await space.files.makeDirectory(space.at("x", "y", "z"));
      expect(await space.names(space.at("x"))).toEqual(["y"]);
      await space.files.write(space.at("f"), "");
      await expect(space.files.makeDirectory(space.at("f"))).rejects.toMatchObject({
        code: "ERR_FILES_EXISTS",
      });
      await expect(space.files.makeDirectory(space.at("f", "g"))).rejects.toMatchObject({
        code: "ERR_FILES_WRONG_KIND",
      });
    });

    it(".list() sorts by name, and says what is missing or none", async () => {
      await tree();
      expect(await space.files.list(space.directory)).toEqual([
        { name: ".hidden.ts", kind: "file" },
        { name: "a.ts", kind: "file" },
        { name: "b.js", kind: "file" },
        { name: "lib", kind: "directory" },
        { name: "src", kind: "directory" },
      ]);
      await expect(space.files.list(space.at("none"))).rejects.toMatchObject({
        code: "ERR_FILES_NOT_FOUND",
      });
      await expect(space.files.list(space.at("a.ts"))).rejects.toMatchObject({
        code: "ERR_FILES_WRONG_KIND",
      });
    });

    it(".walk() finds all, by glob, by kind, to a depth", async () => {
      await tree();
      expect(await found({})).toHaveLength(9);
      expect(await found({ glob: "**/*.ts" })).toEqual([
        "a.ts",
        "lib/e.ts",
        "src/c.ts",
        "src/deep/d.ts",
      ]);
      expect(await found({ glob: "*.ts", dot: true })).toEqual([".hidden.ts", "a.ts"]);
      expect(await found({ glob: ["src/**", "*.js"], kinds: ["file"] })).toEqual([
        "b.js",
        "src/c.ts",
        "src/deep/d.ts",
      ]);
      expect(await found({ ignore: ["src", ".*"], depth: 1 })).toEqual(["a.ts", "b.js", "lib"]);
      expect(await found({ ignore: "src", kinds: ["file"] })).toHaveLength(4);
      await expect(found({ depth: 0 })).rejects.toThrow("depth must be a number from 1; got 0");
    });

    it(".walk() does not enter what no match can be in", async () => {
      await tree();
      const listed: string[] = [];
      const { fileSystem } = space.files;
      const spied = new Proxy(fileSystem, {
        get: (target, key) => {
          if (key !== "list") return Reflect.get(target, key).bind(target);
          return (path: string) => {
            listed.push(path);
            return target.list(path);
          };
        },
      });
      for await (const entry of new Files(spied).walk(space.directory, {
        glob: "src/*/*.ts",
        ignore: "lib",
      })) {
        expect(entry.relativePath).toBe("src/deep/d.ts");
      }
      expect(listed).toEqual([space.directory, space.at("src"), space.at("src", "deep")]);
    });

    it(".walk() stops when the signal aborts", async () => {
      await tree();
      const control = new AbortController();
      const reason = new Error("enough");
      const walking = (async () => {
        for await (const entry of space.files.walk(space.directory, { signal: control.signal })) {
          control.abort(entry && reason);
        }
      })();
      await expect(walking).rejects.toBe(reason);
    });

    it(".size() adds up", async () => {
      await tree();
      expect(await space.files.size(space.directory)).toEqual({
        bytes: "a.tsb.js.hidden.tssrc/c.tssrc/deep/d.tslib/e.ts".length,
        files: 6,
        directories: 3,
      });
      expect(await space.files.size(space.at("a.ts"))).toEqual({
        bytes: 4,
        files: 1,
        directories: 0,
      });
    });

    it(".copy() copies files and trees, and merges when told to", async () => {
      await tree();
      await space.files.copy(space.at("a.ts"), space.at("copy.ts"));
      expect(await space.files.readText(space.at("copy.ts"))).toBe("a.ts");
      await space.files.copy(space.at("src"), space.at("src2"));
      expect(await space.files.readText(space.at("src2", "deep", "d.ts"))).toBe("src/deep/d.ts");
      await expect(space.files.copy(space.at("lib"), space.at("src2"))).rejects.toMatchObject({
        code: "ERR_FILES_EXISTS",
      });
      await space.files.copy(space.at("lib"), space.at("src2"), { overwrite: true });
      expect(await space.names(space.at("src2"))).toEqual(["c.ts", "deep", "e.ts"]);
      await expect(
        space.files.copy(space.at("src"), space.at("src", "deep", "in")),
      ).rejects.toMatchObject({ code: "ERR_FILES_INTO_ITSELF" });
      await expect(space.files.copy(space.at("none"), space.at("x"))).rejects.toMatchObject({
        code: "ERR_FILES_NOT_FOUND",
      });
    });

    it(".copy() leaves nothing behind when it is aborted", async () => {
      await tree();
      const control = new AbortController();
      const before = await space.names(space.directory);
      const copying = space.files.copy(space.at("src"), space.at("src2"), {
        signal: control.signal,
      });
      control.abort(new Error("enough"));
      await expect(copying).rejects.toThrow("enough");
      expect(await space.names(space.directory)).toEqual(before);
    });

    it(".move() moves files and trees, over others only when told to", async () => {
      await tree();
      await space.files.move(space.at("src"), space.at("moved"));
      expect(await space.files.readText(space.at("moved", "deep", "d.ts"))).toBe("src/deep/d.ts");
      expect(await space.files.exists(space.at("src"))).toBe(false);
      await expect(space.files.move(space.at("a.ts"), space.at("b.js"))).rejects.toMatchObject({
        code: "ERR_FILES_EXISTS",
      });
      await space.files.move(space.at("a.ts"), space.at("b.js"), { overwrite: true });
      expect(await space.files.readText(space.at("b.js"))).toBe("a.ts");
      await expect(
        space.files.move(space.at("lib"), space.at("moved"), { overwrite: true }),
      ).rejects.toMatchObject({
        code: "ERR_FILES_NOT_EMPTY",
      });
      await expect(space.files.move(space.at("lib"), space.at("lib", "in"))).rejects.toMatchObject({
        code: "ERR_FILES_INTO_ITSELF",
      });
      const inner = space.files.fileSystem.rename(space.at("lib"), space.at("lib", "in"));
      await expect(inner).rejects.toMatchObject({ code: "ERR_FILES_INTO_ITSELF" });
      await expect(space.files.move(space.at("none"), space.at("x"))).rejects.toMatchObject({
        code: "ERR_FILES_NOT_FOUND",
      });
    });

    it(".fileSystem.rename() without overwrite never replaces, however many try", async () => {
      for (const n of [1, 2, 3]) await space.files.write(space.at(`${n}`), `${n}`);
      const results = await Promise.allSettled(
        [1, 2, 3].map((n) =>
          space.files.fileSystem.rename(space.at(`${n}`), space.at("x"), { overwrite: false }),
        ),
      );
      expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect(await space.names(space.directory)).toHaveLength(3);
    });

    it(".remove() removes, and a full directory only when told to", async () => {
      await tree();
      expect(await space.files.remove(space.at("a.ts"))).toBe(true);
      expect(await space.files.remove(space.at("a.ts"))).toBe(false);
      await expect(space.files.remove(space.at("src"))).rejects.toMatchObject({
        code: "ERR_FILES_NOT_EMPTY",
      });
      expect(await space.files.remove(space.at("src"), { recursive: true })).toBe(true);
      expect(await space.names(space.directory)).toEqual([".hidden.ts", "b.js", "lib"]);
    });
  });
}
