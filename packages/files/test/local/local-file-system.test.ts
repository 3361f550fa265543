import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Clock } from "@infra/interfaces";
import { sourceFlags } from "@infra/jest-preset/source-flags";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";

import { Files, isTemporaryName, LocalFileSystem } from "../../src/index.js";
import { describeFileSystemContract } from "../contract/file-system-contract.js";

describeFileSystemContract("LocalFileSystem", async () => {
  const directory = await fs.mkdtemp(join(tmpdir(), "files-"));
  return {
    fileSystem: new LocalFileSystem(),
    directory,
    close: () => fs.rm(directory, { recursive: true }),
  };
});

/** A clock whose timers run at once and move its time. */
function instantClock(): Clock & { readonly waits: number[] } {
  let now = 0;
  const waits: number[] = [];
  return {
    waits,
    now: () => now,
    monotonic: () => now,
    setTimeout(callback, delayMs) {
      waits.push(delayMs);
      now += delayMs;
      setImmediate(callback);
      return () => undefined;
    },
  };
}

const systemError = (code: string) =>
  Object.assign(new Error(`${code}: rename`), { code, syscall: "rename" });

const refusing = (code: string) => () => Promise.reject(systemError(code));

describe("LocalFileSystem", () => {
  let directory: string;
  const at = (...names: string[]) => join(directory, ...names);
  beforeEach(async () => {
    directory = await fs.mkdtemp(join(tmpdir(), "files-"));
  });
  afterEach(() => fs.rm(directory, { recursive: true, force: true }));

  describe(".write()", () => {
    it.each(["EPERM", "EACCES", "EXDEV", "EBUSY", "EIO"])(
      "never falls back to a plain write: %s on rename leaves the old content",
      async (code) => {
        await fs.writeFile(at("a"), "old");
        const rename = refusing(code);
        const files = new Files(new LocalFileSystem({}, { rename, platform: "linux" }));
        await expect(files.write(at("a"), "new")).rejects.toMatchObject({
          code: expect.stringMatching(/^ERR_FILES_/),
          cause: { code },
        });
        await expect(files.write(at("b"), "new")).rejects.toMatchObject({ cause: { code } });
        expect(await fs.readFile(at("a"), "utf8")).toBe("old");
        expect(await fs.readdir(directory)).toEqual(["a"]);
      },
    );

    it("tries again on Windows, where a scanner may hold the file for a moment", async () => {
      const clock = instantClock();
      const rename = jest
        .fn(fs.rename)
        .mockRejectedValueOnce(systemError("EPERM"))
        .mockRejectedValueOnce(systemError("EBUSY"))
        .mockRejectedValueOnce(systemError("EACCES"));
      const files = new Files(new LocalFileSystem({}, { rename, clock, platform: "win32" }));
      await files.write(at("a"), "x");
      expect(await fs.readFile(at("a"), "utf8")).toBe("x");
      expect(clock.waits).toEqual([10, 20, 40]);
    });

    it("gives up on Windows after five seconds, and elsewhere at once", async () => {
      const clock = instantClock();
      const rename = jest.fn(() => Promise.reject(systemError("EPERM")));
      const windows = new LocalFileSystem({}, { rename, clock, platform: "win32" });
      await expect(new Files(windows).write(at("a"), "x")).rejects.toMatchObject({
        code: "ERR_FILES_ACCESS_DENIED",
      });
      expect(clock.now()).toBeGreaterThanOrEqual(5000);
      expect(clock.now()).toBeLessThan(6000);
      rename.mockClear();
      const linux = new LocalFileSystem({}, { rename, clock, platform: "linux" });
      await expect(new Files(linux).write(at("a"), "x")).rejects.toThrow("not permitted");
      expect(rename).toHaveBeenCalledTimes(1);
    });

    it("flushes the file before the rename and the directory after it, unless told not to", async () => {
      const steps: string[] = [];
      const handle = await fs.open(directory);
      const prototype = Object.getPrototypeOf(handle) as fs.FileHandle;
      await handle.close();
      const sync = jest.spyOn(prototype, "sync").mockImplementation(async function (
        this: fs.FileHandle,
      ) {
        steps.push((await this.stat()).isDirectory() ? "sync directory" : "sync file");
      });
      try {
        const rename = async (from: string, to: string) => {
          steps.push("rename");
          await fs.rename(from, to);
        };
        const files = new Files(new LocalFileSystem({}, { rename }));
        await files.write(at("a"), "x");
        expect(steps).toEqual(["sync file", "rename", "sync directory"]);
        await files.append(at("b"), "x");
        expect(steps.slice(3)).toEqual(["sync file", "sync directory"]);
        await files.append(at("b"), "y");
        expect(steps.slice(5)).toEqual(["sync file"]);
        steps.length = 0;
        await files.write(at("a"), "y", { durable: false });
        expect(steps).toEqual(["rename"]);
      } finally {
        sync.mockRestore();
      }
    });

    it("survives kill -9: whoever comes after finds a whole content", async () => {
      await new Files().write(at("a"), "0".repeat(200_000));
      const program = `
        import { Files } from ${JSON.stringify(new URL("../../src/index.ts", import.meta.url).href)};
        const files = new Files();
        console.log("writing");
        for (let n = 0; ; n = (n + 1) % 10) {
          await files.write(${JSON.stringify(at("a"))}, String(n).repeat(200_000), { durable: false });
        }`;
      for (const lifeMs of [5, 40]) {
        const child = spawn(
          process.execPath,
          [...sourceFlags, "--input-type=module", "-e", program],
          { stdio: ["ignore", "pipe", "inherit"] },
        );
        await once(child.stdout, "data");
        setTimeout(() => child.kill("SIGKILL"), lifeMs);
        await once(child, "exit");
        expect(await fs.readFile(at("a"), "utf8")).toMatch(/^(\d)\1{199999}$/);
        const left = (await fs.readdir(directory)).filter((name) => name !== "a");
        expect(left.every(isTemporaryName)).toBe(true);
      }
    }, 30_000);

    it("keeps set-id bits, and the owner when it may", async () => {
      await fs.writeFile(at("a"), "old");
      const mayGiveAway = process.geteuid?.() === 0;
      if (mayGiveAway) await fs.chown(at("a"), 1234, 1235);
      await fs.chmod(at("a"), 0o6755);
      await new Files().write(at("a"), "new");
      const { mode, uid, gid } = await fs.stat(at("a"));
      expect(mode & 0o7777).toBe(0o6755);
      expect([uid, gid]).toEqual(
        mayGiveAway ? [1234, 1235] : [process.getuid?.(), process.getgid?.()],
      );
    });

    it("writes its temporary file beside the target, with rights no wider than the target's", async () => {
      const seen: [string, number][] = [];
      const content = (async function* () {
        for (const name of await fs.readdir(directory)) {
          seen.push([name, (await fs.stat(at(name))).mode & 0o777]);
        }
        yield "secret";
      })();
      await new Files().write(at("a"), content, { mode: 0o600 });
      expect(seen).toEqual([[expect.stringMatching(/^\.infra-[0-9a-f]{16}\.tmp$/), 0o600]]);
    });

    it("does not put a file in the place of a device or a pipe", async () => {
      await expect(new Files().write("/dev/null", "x")).rejects.toMatchObject({
        code: "ERR_FILES_WRONG_KIND",
      });
      expect((await fs.stat("/dev/null")).isCharacterDevice()).toBe(true);
    });

    it("lets writes of several instances to one file take turns", async () => {
      const running: number[] = [];
      let most = 0;
      const content = async function* (n: number) {
        running.push(n);
        most = Math.max(most, running.length);
        yield `${n}`;
        running.pop();
      };
      await Promise.all([1, 2, 3, 4].map((n) => new Files().write(at("a"), content(n))));
      expect(most).toBe(1);
      expect(await fs.readFile(at("a"), "utf8")).toBe("4");
    });

    it("refuses more than maxQueuedWrites", async () => {
      const files = new Files(new LocalFileSystem({ maxQueuedWrites: 1 }));
      const results = await Promise.allSettled(["1", "2", "3"].map((n) => files.write(at("a"), n)));
      expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
      expect(results[2]).toMatchObject({ reason: { code: "ERR_FILES_QUEUE_FULL" } });
      expect(() => new LocalFileSystem({ maxQueuedWrites: 0.5 })).toThrow(
        "maxQueuedWrites must be a whole number from 0; got 0.5",
      );
    });

    it("falls back to looking first where there are no hard links, but not to a plain write", async () => {
      const link = refusing("EPERM");
      const files = new Files(new LocalFileSystem({}, { link }));
      await files.write(at("a"), "x", { overwrite: false });
      expect(await fs.readFile(at("a"), "utf8")).toBe("x");
      await expect(files.write(at("a"), "y", { overwrite: false })).rejects.toMatchObject({
        code: "ERR_FILES_EXISTS",
      });
      const failing = new Files(new LocalFileSystem({}, { link, rename: refusing("EIO") }));
      await expect(failing.write(at("b"), "x", { overwrite: false })).rejects.toMatchObject({
        cause: { code: "EIO" },
      });
      expect(await fs.readdir(directory)).toEqual(["a"]);
    });
  });

  const tree = async () => {
    await fs.mkdir(at("dir", "deep"), { recursive: true });
    await fs.writeFile(at("dir", "deep", "a"), "a", { mode: 0o640 });
    await fs.utimes(at("dir", "deep", "a"), 1000, 1000);
    await fs.symlink("deep/a", at("dir", "link"));
  };

  describe(".move() across devices", () => {
    const elsewhere = "/dev/shm";
    let other: string | undefined;
    beforeEach(async () => {
      const there = await fs.stat(elsewhere).catch(() => undefined);
      const isOther = there !== undefined && there.dev !== (await fs.stat(directory)).dev;
      other = isOther ? await fs.mkdtemp(join(elsewhere, "files-")) : undefined;
    });
    afterEach(async () => {
      if (other !== undefined) await fs.rm(other, { recursive: true });
    });

    it("copies, with modes, times and links, then removes", async () => {
      await tree();
      // a second device, real where there is one
      const rename =
        other === undefined
          ? async (from: string, to: string) => {
              if (from.startsWith(at("dir")) && !to.startsWith(at("dir")))
                throw systemError("EXDEV");
              await fs.rename(from, to);
            }
          : fs.rename;
      const target = join(other ?? directory, "moved");
      await new Files(new LocalFileSystem({}, { rename })).move(at("dir"), target);
      expect(await fs.readFile(join(target, "deep", "a"), "utf8")).toBe("a");
      const { mode, mtimeMs } = await fs.stat(join(target, "deep", "a"));
      expect([mode & 0o777, mtimeMs]).toEqual([0o640, 1_000_000]);
      expect(await fs.readlink(join(target, "link"))).toBe("deep/a");
      expect(await fs.readdir(directory)).toEqual(other === undefined ? ["moved"] : []);
    });

    it("leaves the original and nothing else when the copy fails", async () => {
      await tree();
      const rename = async (from: string, to: string) => {
        if (from === at("dir") || to === at("moved")) throw systemError("EXDEV");
        await fs.rename(from, to);
      };
      const files = new Files(new LocalFileSystem({}, { rename }));
      await expect(files.move(at("dir"), at("moved"))).rejects.toMatchObject({
        code: "ERR_FILES_CROSS_DEVICE",
      });
      expect(await fs.readdir(directory)).toEqual(["dir"]);
      expect(await fs.readFile(at("dir", "deep", "a"), "utf8")).toBe("a");
    });
  });

  it(".copy() refuses what is neither file, directory nor link", async () => {
    await expect(new Files().copy("/dev/null", at("null"))).rejects.toMatchObject({
      code: "ERR_FILES_WRONG_KIND",
    });
  });

  it("tells of what it does not know by the system's word", async () => {
    await expect(new Files().write(at("x".repeat(300)), "x")).rejects.toMatchObject({
      code: "ERR_FILES_FAILED",
      message: expect.stringContaining("ENAMETOOLONG"),
      publicMessage: "Something went wrong.",
    });
  });

  it("does not tell a client the path of what is missing", async () => {
    const error = await new Files().stat(at("none")).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 404, message: expect.stringContaining(directory) });
    expect((error as { publicMessage: string }).publicMessage).not.toContain(directory);
  });

  it(".watch() reports a directory that was replaced by another of the same name", async () => {
    await fs.mkdir(at("dir"));
    await fs.mkdir(at("new"));
    await fs.writeFile(at("new", "inside"), "x");
    await using watch = await new Files().watch(directory, { recursive: true });
    await fs.rmdir(at("dir"));
    await fs.rename(at("new"), at("dir"));
    const seen = new Set<string>();
    for await (const { relativePath } of watch) {
      seen.add(relativePath);
      if (seen.has("dir/inside")) break;
    }
    await fs.writeFile(at("later"), "x");
    expect(seen).toContain("dir");
  });
});
