import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { createAlbum, signUp, startDemo } from "../demo-process.mjs";

export const title = "demo: SIGKILL under write load loses no acknowledged album";

export async function run({ short }) {
  const kills = short ? 3 : 20;
  const folder = mkdtempSync(join(tmpdir(), "infra-faults-"));
  const acknowledged = new Set();
  let headers;
  try {
    for (let kill = 0; kill < kills; kill++) {
      const demo = await startDemo(folder);
      headers ??= await signUp(demo.url);
      const killed = new AbortController();
      const writers = Array.from({ length: 8 }, async (_, writer) => {
        while (!killed.signal.aborted) {
          await createAlbum(demo.url, headers, `album ${kill}.${writer}`).then(
            (id) => acknowledged.add(id),
            // the kill cuts the answer off: nothing was acknowledged
            () => {},
          );
        }
      });
      const before = acknowledged.size;
      const deadline = performance.now() + 30_000;
      while (acknowledged.size < before + 20 && performance.now() < deadline) await sleep(5);
      await sleep(37 * kill);
      await demo.end("SIGKILL");
      killed.abort();
      await Promise.all(writers);
    }
    const demo = await startDemo(folder);
    let missing = 0;
    for (const id of acknowledged) {
      const response = await fetch(`${demo.url}/api/albums/${id}`, { headers });
      await response.arrayBuffer();
      if (!response.ok) missing += 1;
    }
    await demo.end("SIGTERM");
    return {
      ok: missing === 0 && acknowledged.size > 0,
      seen: `${kills} kills, ${acknowledged.size} albums acknowledged, ${missing} missing`,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
