import { join } from "node:path";

import { describe, expect, it } from "@jest/globals";

import type { Workspace } from "./workspace.js";

/** What a file system does with symbolic links. */
export function describeLinks(space: Workspace): void {
  describe("symbolic links", () => {
    it("are followed by reading and writing, and are what is removed, moved and copied", async () => {
      await space.files.write(space.at("a"), "one");
      await space.files.fileSystem.makeLink("a", space.at("link"));
      expect(await space.files.readText(space.at("link"))).toBe("one");
      await space.files.write(space.at("link"), "two");
      expect(await space.files.readText(space.at("a"))).toBe("two");
      expect((await space.files.stat(space.at("link"), { followLinks: false })).kind).toBe("link");
      expect((await space.files.stat(space.at("link"))).kind).toBe("file");
      expect(await space.files.fileSystem.readLink(space.at("link"))).toBe("a");
      expect(await space.files.fileSystem.realPath(space.at("link"))).toBe(
        await space.files.fileSystem.realPath(space.at("a")),
      );
      await space.files.copy(space.at("link"), space.at("link2"));
      await space.files.move(space.at("link2"), space.at("link3"));
      expect(await space.files.fileSystem.readLink(space.at("link3"))).toBe("a");
      await space.files.remove(space.at("link3"), { recursive: true });
      expect(await space.names(space.directory)).toEqual(["a", "link"]);
    });

    it("are what is asked for when one is read", async () => {
      await space.files.write(space.at("a"), "one");
      await expect(space.files.fileSystem.readLink(space.at("a"))).rejects.toMatchObject({
        code: "ERR_FILES_WRONG_KIND",
      });
      await expect(space.files.fileSystem.readLink(space.at("none"))).rejects.toMatchObject({
        code: "ERR_FILES_NOT_FOUND",
      });
    });

    it("may point to what is made by writing to them", async () => {
      await space.files.fileSystem.makeLink("later", space.at("link"));
      expect(await space.files.exists(space.at("link"))).toBe(false);
      await space.files.write(space.at("link"), "x");
      expect(await space.files.readText(space.at("later"))).toBe("x");
    });

    it("are refused by reading, and replaced by writing, with followLinks: false", async () => {
      await space.files.write(space.at("a"), "one");
      await space.files.fileSystem.makeLink("a", space.at("link"));
      const reading = space.files.readStream(space.at("link"), { followLinks: false }).toArray();
      await expect(reading).rejects.toMatchObject({ code: "ERR_FILES_SYMBOLIC_LINK" });
      await expect(
        space.files.append(space.at("link"), "x", { followLinks: false }),
      ).rejects.toMatchObject({
        code: "ERR_FILES_SYMBOLIC_LINK",
      });
      await space.files.write(space.at("link"), "two", { followLinks: false });
      expect(await space.files.readText(space.at("a"))).toBe("one");
      expect((await space.files.stat(space.at("link"), { followLinks: false })).kind).toBe("file");
    });

    it("that lead to each other without end are an error", async () => {
      await space.files.fileSystem.makeLink("b", space.at("a"));
      await space.files.fileSystem.makeLink("a", space.at("b"));
      await expect(space.files.readText(space.at("a"))).rejects.toMatchObject({
        code: "ERR_FILES_SYMBOLIC_LINK",
      });
      await expect(space.files.write(space.at("a"), "x")).rejects.toMatchObject({
        code: "ERR_FILES_SYMBOLIC_LINK",
      });
    });

    it("are not followed by removing and walking a tree", async () => {
      await space.files.makeDirectory(space.at("kept"));
      await space.files.write(space.at("kept", "a"), "x");
      await space.files.makeDirectory(space.at("tree"));
      await space.files.fileSystem.makeLink(join("..", "kept"), space.at("tree", "link"));
      const seen = [];
      for await (const { relativePath, kind } of space.files.walk(space.at("tree"))) {
        seen.push([relativePath, kind]);
      }
      expect(seen).toEqual([["link", "link"]]);
      await space.files.remove(space.at("tree"), { recursive: true });
      expect(await space.names(space.at("kept"))).toEqual(["a"]);
    });
  });
}
