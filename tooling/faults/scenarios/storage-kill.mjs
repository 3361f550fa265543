import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { LocalStorageProvider } from "@infra/storage/drivers/local";

import { startProgram } from "../storage-processes.mjs";

export const title =
  "storage: SIGKILL while two processes write one key leaves a whole file, and nothing else";

export async function run({ short }) {
  const kills = short ? 8 : 200;
  const folder = mkdtempSync(join(tmpdir(), "infra-faults-"));
  const directory = join(folder, "files");
  const reader = new LocalStorageProvider({ directory });
  const running = new Set();
  const problems = [];
  let acknowledged = 0;
  let reads = 0;
  const state = { isWriting: true };
  try {
    const writers = ["a", "b"].map(async (name) => {
      for (let kill = 0; kill < kills / 2; kill += 1) {
        const writer = startProgram("storage-writer.mjs", directory, name);
        running.add(writer);
        await writer.line();
        // not at the same point of the writers' work each time
        await sleep((37 * kill) % 110);
        const { signal, errors } = await writer.kill();
        running.delete(writer);
        if (signal !== "SIGKILL") problems.push(`a writer ended by itself:\n${errors}`);
        acknowledged += writer.lines().length;
      }
    });
    const reading = (async () => {
      while (state.isWriting) {
        const problem = await readOnce(reader).catch((error) => error.stack);
        reads += 1;
        if (problem) problems.push(problem);
        await sleep(1);
      }
    })();
    const ends = await Promise.allSettled(writers);
    state.isWriting = false;
    await reading;
    problems.push(...ends.flatMap(({ reason }) => (reason ? [reason.stack] : [])));
    await reader.start();
    const last = await readOnce(reader);
    if (last) problems.push(`at the end: ${last}`);
    await reader.stop();
    const left = readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(directory.length + 1));
    const isClean =
      left.length === 2 &&
      left.includes("the/key") &&
      left.some((path) => path.startsWith(".infra/meta/"));
    if (!isClean) problems.push(`left behind: ${left.join(", ")}`);
    return {
      ok: problems.length === 0 && reads > 0,
      seen: `${kills} kills, ${acknowledged} files acknowledged, ${reads} reads, ${left.length} files left, ${problems.length} problems${problems.length > 0 ? ` (${problems[0]})` : ""}`,
    };
  } finally {
    for (const writer of running) await writer.kill();
    await reader.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What is wrong with the file that is there now; nothing before the first. */
async function readOnce(storage) {
  if (!(await storage.exists("the/key"))) return undefined;
  const before = await storage.getMetadata("the/key");
  const content = await storage.getFileContent("the/key");
  const after = await storage.getMetadata("the/key");
  const id = content.subarray(0, 32).toString();
  if (content.length !== 1024 ** 2) return `${content.length} bytes`;
  if (!content.equals(Buffer.alloc(content.length, id))) return `a mixture, beginning with ${id}`;
  const known = before.metadata.id;
  if (known === undefined) return "content without its metadata";
  if (before.etag === after.etag && known.padEnd(32, ".") !== id) {
    return `content of ${id} with the metadata of ${known}`;
  }
  return undefined;
}
