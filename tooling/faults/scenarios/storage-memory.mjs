import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startProgram, startS3Process } from "../storage-processes.mjs";

export const title =
  "storage: a large stream in and out, on disk and on S3, in under 150 MB of memory";

const limitBytes = 150 * 1024 ** 2;

export async function run({ short }) {
  const megabytes = short ? 192 : 2048;
  const folder = mkdtempSync(join(tmpdir(), "infra-faults-"));
  const server = await startS3Process();
  const running = new Set();
  try {
    const seen = [];
    let ok = true;
    for (const [name, url] of [
      ["disk", `file:${join(folder, "files")}`],
      ["S3", server.url],
    ]) {
      const program = startProgram("storage-stream.mjs", url, String(megabytes));
      running.add(program);
      const { code, output, errors } = await program.closed;
      running.delete(program);
      if (code !== 0) throw new Error(`${name} ended with ${code}:\n${errors}`);
      const { readBytes, wrong, residentBytes } = JSON.parse(output);
      ok &&= readBytes === megabytes * 1024 ** 2 && wrong === 0 && residentBytes < limitBytes;
      seen.push(
        `${name}: ${readBytes / 1024 ** 2} MB back, ${wrong} chunks wrong, at most ${Math.round(residentBytes / 1024 ** 2)} MB resident`,
      );
    }
    return { ok, seen: seen.join("; ") };
  } finally {
    for (const program of running) await program.kill();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
