import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { sourceFlags } from "@infra/jest-preset/source-flags";
import { describe, expect, it } from "@jest/globals";
import sharp from "sharp";

import { photo } from "./images.js";
import { temporaryFolder } from "./temporary-folder.js";

/** What the program tells of its end. */
interface Told {
  readonly progress?: { readonly done: number; readonly skipped: number; readonly failed: number };
  readonly items?: number;
}

describe("A folder of 200 photographs to three sizes of WebP and AVIF, as a pipeline", () => {
  it("is told of, and goes on where it was killed, with each image made once and whole", async () => {
    const folder = await temporaryFolder();
    const [from, to] = [join(folder, "photographs"), join(folder, "made")];
    await mkdir(from);
    await mkdir(to);
    const samples = await Promise.all([photo(240, 160), photo(160, 240), photo(200, 200, "png")]);
    for (let at = 0; at < 200; at += 1) {
      await writeFile(join(from, `photo-${String(at).padStart(3, "0")}.img`), samples[at % 3]!);
    }
    // one of them is damaged: it fails, and ends no other
    await writeFile(join(from, "photo-100.img"), samples[0].subarray(0, 3000));

    const program = fileURLToPath(new URL("./programs/photographs.ts", import.meta.url));
    const start = (): {
      readonly told: Told[];
      readonly ended: Promise<unknown[]>;
      kill(): void;
    } => {
      const child = fork(program, [from, to, join(folder, "done")], { execArgv: [...sourceFlags] });
      const told: Told[] = [];
      child.on("message", (message) => told.push(message as Told));
      return { told, ended: once(child, "close"), kill: () => child.kill("SIGKILL") };
    };
    const first = start();
    while (first.told.length < 60) await new Promise(setImmediate);
    first.kill();
    await first.ended;
    const early = (await readdir(to)).filter((name) => !name.startsWith("."));
    expect(early.length).toBeGreaterThan(300);
    expect(early.length).toBeLessThan(1194);

    const second = start();
    expect(await second.ended).toEqual([0, null]);
    const { done, skipped, failed } = second.told.at(-2)!.progress!;
    expect(done + skipped + failed).toBe(200);
    expect(failed).toBe(1);
    // those that were done before the kill are not done again, but for those that were under way
    expect(skipped).toBeGreaterThanOrEqual(59);
    expect(second.told.at(-1)).toEqual({ items: 200 });

    const made = (await readdir(to)).filter((name) => !name.startsWith("."));
    expect(made).toHaveLength(199 * 6);
    for (const name of made.filter((_, at) => at % 37 === 0)) {
      const { format, width, height } = await sharp(await readFile(join(to, name))).metadata();
      const [, wanted, extension] = /-(\d+)\.(\w+)$/.exec(name)!;
      expect(format).toBe(extension === "avif" ? "heif" : extension);
      expect(Math.max(width, height)).toBe(Number(wanted));
    }
  }, 90_000);
});
