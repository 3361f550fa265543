// node storage-stream.mjs URL MEGABYTES: streams so much into the storage and out of it again, and prints as JSON what came
// back and the most memory that the process had.
import { readFileSync } from "node:fs";

import { StorageService } from "@infra/storage";

const [url, megabytes] = process.argv.slice(2);
const chunk = Buffer.alloc(64 * 1024);
const sizeBytes = Number(megabytes) * 1024 ** 2;

async function* content() {
  for (let at = 0; at < sizeBytes; at += chunk.length) {
    chunk.writeDoubleLE(at);
    // each its own: who keeps them all is found out
    yield Buffer.from(chunk);
  }
}

const storage = new StorageService({ url });
await storage.storeFile({ key: "large", content: content() });
let at = 0;
let wrong = 0;
let head = Buffer.alloc(0);
for await (const part of await storage.getFileStream("large")) {
  // the numbers stand at the beginnings of the chunks that went in
  head = Buffer.concat([head, part]);
  while (head.length >= chunk.length) {
    if (head.readDoubleLE() !== at) wrong += 1;
    at += chunk.length;
    head = head.subarray(chunk.length);
  }
}
await storage.delete("large");
await storage.stop();
process.stdout.write(
  JSON.stringify({ readBytes: at + head.length, wrong, residentBytes: mostResident() }),
);

/** On Linux `maxRSS` begins with what the parent had when it started this process. */
function mostResident() {
  const kilobytes =
    process.platform === "linux"
      ? Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))[1])
      : process.resourceUsage().maxRSS;
  return kilobytes * 1024;
}
