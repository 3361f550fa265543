// Streams into and out of the storage, beside what they stand on: the file system of Node.js, and the AWS client. The two
// live at the same time, and take turns of one stream.
import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { median } from "../statistics.mjs";
import { takeTurns, together, withRivals } from "../taking-turns.mjs";
import { versionsOf } from "../versions.mjs";

export const title =
  "A stream of 256 MB in and out: of a file, with the same fsync; of S3, a server on loopback in another process (64 MB)";
export const unit = "MB/s";
export const packages = ["@infra/storage", "@infra/testing"];

export function versions() {
  return versionsOf("@aws-sdk/client-s3");
}

const places = {
  disk: { raw: "stream.pipeline", works: ["disk in", "disk out"], megabytes: 256 },
  S3: { raw: "AWS client", works: ["S3 put", "S3 get"], megabytes: 64 },
};
const ours = "@infra/storage";
const program = join(import.meta.dirname, "storage", "contestant.mjs");

export const contestants = Object.entries(places).flatMap(([place, of]) => at(place, of));

export const bars = [
  { contestant: `${ours}, disk in`, against: "stream.pipeline, disk in", least: 0.9 },
  { contestant: `${ours}, disk out`, against: "stream.pipeline, disk out", least: 0.9 },
  { contestant: `${ours}, S3 put`, against: "AWS client, S3 put", least: 0.95 },
  { contestant: `${ours}, S3 get`, against: "AWS client, S3 get", least: 0.95 },
];

function at(place, { raw, works, megabytes }) {
  const libraries = [raw, ours];
  const ofEachWork = async (ask) => {
    const folder = mkdtempSync(join(tmpdir(), "infra-bench-"));
    const server = place === "S3" ? await startS3() : undefined;
    try {
      const source = writeSource(folder, megabytes);
      const s3 = JSON.stringify(server?.options ?? null);
      const processes = libraries.map((library) => [library, folder, source, s3]);
      return await withRivals(program, processes, async (rivals) => {
        const results = [];
        for (const work of works) results.push(...(await ask(rivals, work)));
        return results;
      });
    } finally {
      await server?.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  };
  const each = works.flatMap((work) =>
    libraries.map((library) => ({ name: `${library}, ${work}`, group: work })),
  );
  return together(each, {
    /** Whether what was stored, or read, has the SHA-256 of the source. */
    answers: () =>
      ofEachWork((rivals, work) =>
        Promise.all(rivals.map((rival) => rival.ask({ work, wanted: "answer" }))),
      ),
    measure: () =>
      ofEachWork(async (rivals, work) => {
        const turns = await takeTurns(rivals, { work, wanted: "turn" }, { turns: 7 });
        return turns.map((own) => ({
          value: (megabytes * 1000) / median(own.map(({ tookMs }) => tookMs)),
          note: { "ms of CPU": median(own.map(({ cpuMs }) => cpuMs)) },
        }));
      }),
  });
}

function writeSource(folder, megabytes) {
  const source = join(folder, "source");
  const block = randomBytes(1024 ** 2);
  const file = openSync(source, "wx");
  for (let number = 0; number < megabytes; number += 1) {
    block.writeUInt32LE(number);
    writeSync(file, block);
  }
  // what the disk has yet to take would be counted against who measures first
  fsyncSync(file);
  closeSync(file);
  return source;
}

async function startS3() {
  const child = fork(join(import.meta.dirname, "storage", "s3-server.mjs"));
  const exit = once(child, "exit");
  const [options] = await once(child, "message");
  return {
    options,
    async stop() {
      child.disconnect();
      await exit;
    },
  };
}
