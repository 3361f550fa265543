import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { startProgram } from "../storage-processes.mjs";

export const title =
  "queue: SIGKILL while items are accepted and carried out loses none that was accepted";

export async function run({ short }) {
  const kills = short ? 5 : 50;
  const folder = mkdtempSync(join(tmpdir(), "infra-faults-"));
  const journal = join(folder, "queue.journal");
  const done = join(folder, "done");
  const accepted = new Set();
  let running;
  try {
    for (let kill = 0; kill < kills; kill += 1) {
      running = startProgram("queue-worker.mjs", journal, done, `run${kill}`);
      await running.line();
      // not at the same point of its work each time
      await sleep((37 * kill) % 150);
      const { signal, errors } = await running.kill();
      if (signal !== "SIGKILL") throw new Error(`the worker ended by itself:\n${errors}`);
      // the kill may have cut off the last line
      for (const id of running.lines()) accepted.add(id);
    }
    running = startProgram("queue-worker.mjs", journal, done, "last", "drain");
    const { code, output, errors } = await running.closed;
    if (code !== 0) throw new Error(`the last worker ended with ${code}:\n${errors}`);
    const times = new Map();
    for (const id of existsSync(done) ? readFileSync(done, "utf8").split("\n").slice(0, -1) : []) {
      times.set(id, (times.get(id) ?? 0) + 1);
    }
    const missing = [...accepted].filter((id) => !times.has(id));
    const twice = [...times.values()].filter((count) => count > 1).length;
    return {
      ok: missing.length === 0 && accepted.size > 0,
      seen: `${kills} kills, ${accepted.size} items accepted, ${missing.length} missing, ${twice} carried out more than once, ${output.trim()} left for the last start`,
    };
  } finally {
    await running?.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}
