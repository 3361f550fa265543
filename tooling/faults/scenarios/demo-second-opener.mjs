import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createAlbum, signUp, startDemo } from "../demo-process.mjs";

export const title = "demo: a second app on the same data is refused, and names the first";

export async function run() {
  const folder = mkdtempSync(join(tmpdir(), "infra-faults-"));
  try {
    const first = await startDemo(folder);
    const refusal = await startDemo(folder).then(
      () => "it started",
      (error) => error.message,
    );
    const id = await createAlbum(first.url, await signUp(first.url), "still served");
    const { code } = await first.end("SIGTERM");
    const named = refusal.includes(`in use by process ${first.pid}`);
    return {
      ok: named && id !== undefined && code === 0,
      seen: named
        ? `refused, naming process ${first.pid}; the first app went on, and ended with ${code}`
        : refusal,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
