// Streams into and out of the storage, beside what they stand on: the file system of Node.js, and the AWS client.
import { join } from "node:path";

import { inOwnProcess } from "../own-process.mjs";
import { versionsOf } from "../versions.mjs";

export const title =
  "A stream of 256 MB in and out: of a file, with the same fsync; of S3, a server on loopback in another process (64 MB)";
export const unit = "MB/s";
export const packages = ["@infra/storage", "@infra/testing"];

export function versions() {
  return versionsOf("@aws-sdk/client-s3");
}

const contestantsOf = (group, raw) => [contestant(raw, group), contestant("@infra/storage", group)];

export const contestants = [
  ...contestantsOf("disk in", "stream.pipeline"),
  ...contestantsOf("disk out", "stream.pipeline"),
  ...contestantsOf("S3 put", "AWS client"),
  ...contestantsOf("S3 get", "AWS client"),
];

export const bars = [
  { contestant: "@infra/storage, disk in", against: "stream.pipeline, disk in", least: 0.9 },
  { contestant: "@infra/storage, disk out", against: "stream.pipeline, disk out", least: 0.9 },
  { contestant: "@infra/storage, S3 put", against: "AWS client, S3 put", least: 0.95 },
  { contestant: "@infra/storage, S3 get", against: "AWS client, S3 get", least: 0.95 },
];

function contestant(library, work) {
  const program = join(import.meta.dirname, "storage", "contestant.mjs");
  return {
    name: `${library}, ${work}`,
    group: work,
    /** The SHA-256 of what was stored, or read. */
    answer: () => inOwnProcess(program, library, work, "answer"),
    measure: async () => ({ value: await inOwnProcess(program, library, work, "measure") }),
  };
}
