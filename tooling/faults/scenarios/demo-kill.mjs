import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { allNoteIds, createNote, startDemo } from "../demo-process.mjs";

export const title = "demo: SIGKILL under write load loses no acknowledged note";

export async function run({ short }) {
  const kills = short ? 3 : 20;
  const folder = mkdtempSync(join(tmpdir(), "infra-faults-"));
  const acknowledged = new Set();
  try {
    for (let kill = 0; kill < kills; kill++) {
      const demo = await startDemo(folder);
      const killed = new AbortController();
      const writers = Array.from({ length: 8 }, async (_, writer) => {
        while (!killed.signal.aborted) {
          await createNote(demo.url, `note ${kill}.${writer}`).then(
            (id) => acknowledged.add(id),
            // the kill cuts the answer off: nothing was acknowledged
            () => {},
          );
        }
      });
      await sleep(400 + 37 * kill);
      await demo.end("SIGKILL");
      killed.abort();
      await Promise.all(writers);
    }
    const demo = await startDemo(folder);
    const stored = await allNoteIds(demo.url);
    await demo.end("SIGTERM");
    const missing = [...acknowledged].filter((id) => !stored.has(id)).length;
    return {
      ok: missing === 0 && acknowledged.size > 0,
      seen: `${kills} kills, ${acknowledged.size} notes acknowledged, ${missing} missing`,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
