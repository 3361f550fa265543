import { mkdtemp, mkdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { InfraError } from "@infra/errors";
import { fc } from "@infra/jest-preset/fast-check";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import {
  Files,
  filesErrors,
  isInside,
  Jail,
  LocalFileSystem,
  MemoryFileSystem,
} from "../src/index.js";
import type { FileSystem } from "../src/index.js";
import { describeFileSystemContract } from "./contract/file-system-contract.js";

describeFileSystemContract("Jail in LocalFileSystem", async () => {
  const directory = await mkdtemp(join(tmpdir(), "jail-"));
  const fileSystem = new Jail(directory, { links: "inside" });
  return { fileSystem, directory, close: () => rm(directory, { recursive: true }) };
});

describeFileSystemContract("Jail in MemoryFileSystem", async () => {
  const memory = new MemoryFileSystem();
  await memory.makeDirectory("/srv/jail/box");
  const fileSystem = new Jail("/srv/jail", { links: "inside" }, { fileSystem: memory });
  return { fileSystem, directory: "/srv/jail/box", close: async () => undefined };
});

describe("Jail", () => {
  let base: string;
  let root: string;
  beforeEach(async () => {
    base = await realpath(await mkdtemp(join(tmpdir(), "jail-")));
    root = join(base, "root");
    await mkdir(join(root, "dir"), { recursive: true });
    await mkdir(join(base, "root-sibling"));
    await writeFile(join(base, "secret"), "secret");
    await writeFile(join(base, "root-sibling", "secret"), "secret");
    await writeFile(join(root, "dir", "a"), "a");
  });
  afterEach(() => rm(base, { recursive: true }));

  const outside = { code: "ERR_FILES_OUTSIDE_ROOT", status: 403 };
  const linked = { code: "ERR_FILES_SYMBOLIC_LINK", status: 403 };

  it("takes relative paths from its root on, and absolute ones that lead into it", async () => {
    const files = new Files(new Jail(root));
    expect(await files.readText("dir/a")).toBe("a");
    expect(await files.readText("dir/../dir/./a")).toBe("a");
    expect(await files.readText(join(root, "dir", "a"))).toBe("a");
    await files.write("..b", "b");
    expect(await readFile(join(root, "..b"), "utf8")).toBe("b");
  });

  it.each([
    "..",
    "../secret",
    "dir/../../secret",
    "../root-sibling/secret",
    "/etc/passwd",
    "dir/\0/../../secret",
    "../root/../secret",
  ])("refuses %j, and does not tell a client the path", async (path) => {
    const files = new Files(new Jail(root));
    await expect(files.readText(path)).rejects.toMatchObject(outside);
    await expect(files.write(path, "x")).rejects.toMatchObject({
      ...outside,
      publicMessage: "The path is not allowed.",
    });
    await expect(files.remove(path, { recursive: true })).rejects.toMatchObject(outside);
    await expect(files.copy("dir/a", path)).rejects.toMatchObject(outside);
    await expect(files.move("dir/a", path)).rejects.toMatchObject(outside);
    await expect(files.watch(path)).rejects.toMatchObject(outside);
    await expect(files.lock(path)).rejects.toMatchObject(outside);
    expect(() => new Jail(root, { temporaryDirectory: path })).toThrow("leads out of the root");
  });

  it("refuses links by default: on the way, and at the end", async () => {
    await symlink(join(base, "secret"), join(root, "file-link"));
    await symlink(base, join(root, "dir-link"));
    await symlink("dir", join(root, "inside-link"));
    const files = new Files(new Jail(root));
    for (const path of ["file-link", "dir-link/secret", "dir-link", "inside-link/a"]) {
      await expect(files.readText(path)).rejects.toMatchObject(linked);
      await expect(files.write(path, "x")).rejects.toMatchObject(linked);
      await expect(files.append(path, "x")).rejects.toMatchObject(linked);
      await expect(files.stat(path)).rejects.toMatchObject(linked);
    }
    await expect(files.list("dir-link")).rejects.toMatchObject(linked);
    await expect(files.fileSystem.makeLink("dir/a", "new")).rejects.toMatchObject(linked);
    expect(await readFile(join(base, "secret"), "utf8")).toBe("secret");
  });

  it("sees and removes a link without touching what it points to", async () => {
    await symlink(base, join(root, "dir", "link"));
    const files = new Files(new Jail(root));
    expect((await files.stat("dir/link", { followLinks: false })).kind).toBe("link");
    expect(await files.remove("dir", { recursive: true })).toBe(true);
    expect(await readFile(join(base, "secret"), "utf8")).toBe("secret");
  });

  it('with links: "inside" follows those that stay, and refuses those that lead out', async () => {
    await symlink("dir", join(root, "in"));
    await symlink(join(root, "dir"), join(root, "in-absolute"));
    await symlink("../secret", join(root, "out"));
    await symlink(join(base, "secret"), join(root, "out-absolute"));
    await symlink("../../root-sibling", join(root, "dir", "out"));
    await symlink("in/out", join(root, "out-by-two"));
    await symlink("../made-later", join(root, "out-dangling"));
    const files = new Files(new Jail(root, { links: "inside" }));
    expect(await files.readText("in/a")).toBe("a");
    expect(await files.readText("in-absolute/a")).toBe("a");
    for (const path of [
      "out",
      "out-absolute",
      "dir/out/secret",
      "in/out/secret",
      "out-by-two/secret",
    ]) {
      await expect(files.readText(path)).rejects.toMatchObject(outside);
      await expect(files.write(path, "x")).rejects.toMatchObject(outside);
    }
    await expect(files.write("out-dangling", "x")).rejects.toMatchObject(outside);
    await expect(files.fileSystem.makeLink("../secret", "new")).rejects.toMatchObject(outside);
    await expect(files.fileSystem.makeLink("../../secret", "dir/new")).rejects.toMatchObject(
      outside,
    );
    await files.fileSystem.makeLink("../dir/a", "dir/new");
    expect(await files.readText("dir/new")).toBe("a");
    expect((await new Files().list(base)).map(({ name }) => name)).not.toContain("made-later");
  });

  it("may itself lie behind a link", async () => {
    await symlink(root, join(base, "alias"));
    const files = new Files(new Jail(join(base, "alias")));
    expect(await files.readText("dir/a")).toBe("a");
    expect(await files.readText(join(base, "alias", "dir", "a"))).toBe("a");
  });

  it("is not removed or replaced itself", async () => {
    const files = new Files(new Jail(root));
    await expect(files.remove(".", { recursive: true })).rejects.toMatchObject(outside);
    expect(await files.readText("dir/a")).toBe("a");
    await expect(files.fileSystem.rename("dir", ".")).rejects.toMatchObject(outside);
  });

  it("keeps temporary files inside", async () => {
    const files = new Files(new Jail(root));
    await using temp = await files.tempFile();
    expect(temp.path.startsWith(join(root, ".tmp"))).toBe(true);
  });

  it("does not read through a link that comes after the check", async () => {
    const inner = new LocalFileSystem();
    const swapping = new Proxy(inner, {
      get: (target, key) => {
        if (key !== "read") return Reflect.get(target, key).bind(target);
        return async function* (...args: Parameters<FileSystem["read"]>) {
          await rm(join(root, "dir", "a"));
          await symlink(join(base, "secret"), join(root, "dir", "a"));
          yield* inner.read(...args);
        };
      },
    });
    const files = new Files(new Jail(root, {}, { fileSystem: swapping }));
    await expect(files.readText("dir/a")).rejects.toMatchObject(linked);
  });

  it("refuses a root and a policy that are none", () => {
    expect(() => new Jail("")).toThrow("root must be the path of a directory");
    expect(() => new Jail("/a", { links: "follow" as "inside" })).toThrow(
      'links must be "refuse" or "inside"; got "follow"',
    );
    expect(() => new Jail("/a", { maxQueuedWrites: -1 })).toThrow("maxQueuedWrites");
  });
});

describe("Jail, whatever is asked of it", () => {
  const name = fc.constantFrom(
    "a",
    "b",
    "in",
    "out",
    "up",
    "..",
    ".",
    "",
    "..a",
    "é",
    "jail",
    "secret",
  );
  const relative = fc.array(name, { minLength: 1, maxLength: 6 }).map((names) => names.join("/"));
  const path = fc.oneof(
    relative,
    relative.map((way) => `/base/jail/${way}`),
    relative.map((way) => `/${way}`),
    fc.string(),
  );
  const operation = fc.record({
    what: fc.constantFrom("write", "append", "remove", "move", "copy", "link", "directory", "read"),
    path,
    other: path,
  });

  it.each(["refuse", "inside"] as const)(
    "leaves what is outside as it is, and gives nothing of it away (links: %s)",
    async (links) => {
      await fc.assert(
        fc.asyncProperty(fc.array(operation, { maxLength: 12 }), async (operations) => {
          const memory = await world();
          const before = await snapshot(memory);
          const files = new Files(new Jail("/base/jail", { links }, { fileSystem: memory }));
          for (const { what, path: first, other } of operations) {
            // refusals are what is expected of many of these
            const result = await run(files, what, first, other).catch(refusal);
            expect(result).not.toBe("secret");
          }
          expect(await snapshot(memory)).toEqual(before);
        }),
        { numRuns: 150 },
      );
    },
  );

  it("finds a place inside or refuses, and agrees with the real path", async () => {
    expect.hasAssertions();
    const memory = await world();
    const jail = new Jail("/base/jail", { links: "inside" }, { fileSystem: memory });
    await fc.assert(
      fc.asyncProperty(path, async (each) => {
        const place = await jail.locate(each).catch(refusal);
        const exists = place !== undefined && (await memory.stat(place)) !== undefined;
        const isReal = !exists || (await memory.realPath(place)) === place;
        expect(isReal && isInside("/base/jail", place ?? "/base/jail")).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

async function world(): Promise<MemoryFileSystem> {
  const memory = new MemoryFileSystem();
  const files = new Files(memory);
  for (const directory of ["/base/jail/a/b", "/base/jail-sibling", "/base/a"]) {
    await files.makeDirectory(directory);
  }
  await files.write("/base/secret", "secret");
  await files.write("/base/a/secret", "secret");
  await files.write("/base/jail/b", "b");
  await memory.makeLink("/base", "/base/jail/out");
  await memory.makeLink("..", "/base/jail/up");
  await memory.makeLink("a", "/base/jail/in");
  await memory.makeLink("../../secret", "/base/jail/a/secret");
  return memory;
}

async function snapshot(memory: MemoryFileSystem): Promise<Map<string, string>> {
  const files = new Files(memory);
  const found = new Map<string, string>();
  for await (const { path: at, kind } of files.walk("/", { ignore: "base/jail/**" })) {
    found.set(at, kind === "file" ? await files.readText(at) : kind);
  }
  return found;
}

async function run(files: Files, what: string, first: string, other: string): Promise<unknown> {
  switch (what) {
    case "write":
      return files.write(first, "x");
    case "append":
      return files.append(first, "x");
    case "remove":
      return files.remove(first, { recursive: true });
    case "move":
      return files.move(first, other, { overwrite: true });
    case "copy":
      return files.copy(first, other, { overwrite: true });
    case "link":
      return files.fileSystem.makeLink(other, first);
    case "directory":
      return files.makeDirectory(first);
    default:
      return files.readText(first);
  }
}

/** What many random calls come to. */
function refusal(error: unknown): undefined {
  if (!InfraError.is(error) || !(error.code in filesErrors.codes)) throw error;
}
