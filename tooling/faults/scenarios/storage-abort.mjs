import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { StorageService } from "@infra/storage";
import { startS3 } from "@infra/testing/s3";

export const title =
  "storage: a stream aborted at 0, 1, 50 and 99 % changes nothing, on disk and on S3";

const sizeBytes = 24 * 1024 ** 2;

export async function run() {
  const folder = mkdtempSync(join(tmpdir(), "infra-faults-"));
  const server = await startS3();
  const problems = [];
  let aborts = 0;
  try {
    for (const url of [`file:${join(folder, "files")}`, server.storageUrl]) {
      const storage = new StorageService({ url });
      try {
        await storage.storeFile({ key: "k", content: "old" });
        for (const share of [0, 0.01, 0.5, 0.99]) {
          for (const by of ["signal", "source"]) {
            aborts += 1;
            const problem = await abortAt(storage, share, by);
            if (problem)
              problems.push(`${storage.url.slice(0, 5)} at ${share} by its ${by}: ${problem}`);
          }
        }
        problems.push(
          ...server.openUploads().map(({ uploadId }) => `the upload ${uploadId} is open`),
        );
      } finally {
        await storage.stop();
      }
    }
    const left = readdirSync(join(folder, "files"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);
    // the file, and what is remembered of it
    if (left.length !== 2) problems.push(`left behind: ${left.join(", ")}`);
    return {
      ok: problems.length === 0,
      seen: `${aborts} aborted, ${problems.length} problems${problems.length > 0 ? ` (${problems[0]})` : ""}, ${server.openUploads().length} uploads left open, ${left.length} files left on disk`,
    };
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function abortAt(storage, share, by) {
  const controller = new AbortController();
  const reason = new Error(`aborted at ${share}`);
  const content = (async function* () {
    const chunk = Buffer.alloc(64 * 1024, "n");
    for (let at = 0; at < sizeBytes; at += chunk.length) {
      if (at + chunk.length > share * sizeBytes) {
        if (by === "source") throw reason;
        controller.abort(reason);
      }
      yield chunk;
    }
  })();
  const outcome = await storage
    .storeFile({ key: "k", content, sizeBytes, signal: controller.signal })
    .then(
      () => "it was stored",
      (error) => (error === reason ? undefined : `rejected with ${error}`),
    );
  if (outcome) return outcome;
  return String(await storage.getFileContent("k")) === "old" ? undefined : "the old file is gone";
}
