// node contestant.mjs LIBRARY WORK answer|measure: sends the SHA-256 of what went in or came out, or how many MB a second.
import { fork } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createReadStream, createWriteStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { best } from "../../own-process.mjs";

const [library, work, wanted] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "infra-bench-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

const megabytes = work.startsWith("S3") ? 64 : 256;
const sizeBytes = megabytes * 1024 ** 2;
const source = join(folder, "source");
const block = randomBytes(1024 ** 2);
writeFileSync(source, Buffer.alloc(0));
for (let at = 0; at < megabytes; at += 1) {
  block.writeUInt32LE(at);
  writeFileSync(source, block, { flag: "a" });
}

const input = () => createReadStream(source);
const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });

/** `{ put, get }`: stores the source; gives what was stored as a stream. */
const makers = {
  async "stream.pipeline"() {
    const target = join(folder, "target");
    return {
      async put() {
        const temporary = `${target}.tmp`;
        // `flush`: an fsync before it is closed
        await pipeline(input(), createWriteStream(temporary, { flush: true }));
        await rename(temporary, target);
        const directory = await open(folder);
        await directory.sync();
        await directory.close();
      },
      get: async () => createReadStream(target),
    };
  },

  async "AWS client"() {
    const { GetObjectCommand, PutObjectCommand, S3Client } = await import("@aws-sdk/client-s3");
    const { bucket: Bucket, ...options } = await s3Server();
    const client = new S3Client({ ...options, forcePathStyle: true });
    const object = { Bucket, Key: "target" };
    return {
      put: () =>
        client.send(new PutObjectCommand({ ...object, Body: input(), ContentLength: sizeBytes })),
      get: async () => (await client.send(new GetObjectCommand(object))).Body,
    };
  },

  async "@infra/storage"() {
    const { StorageService } = await import("@infra/storage");
    const storage = new StorageService({ url: `file:${join(folder, "files")}` });
    if (work.startsWith("S3")) {
      const { S3StorageProvider } = await import("@infra/storage/drivers/s3");
      const provider = new S3StorageProvider(await s3Server());
      storage.registerProvider("s3", provider, { default: true });
    }
    return {
      put: () => storage.storeFile({ key: "target", content: input() }),
      get: () => storage.getFileStream("target"),
    };
  },
};

const { put, get } = await makers[library]();
await put();
const isPut = work.endsWith("in") || work.endsWith("put");
if (wanted === "answer") {
  const hash = createHash("sha256");
  for await (const chunk of await get()) hash.update(chunk);
  const own = createHash("sha256");
  for await (const chunk of input()) own.update(chunk);
  process.send(hash.digest("hex") === own.digest("hex"));
} else {
  const turn = async () => {
    const startedAt = performance.now();
    if (isPut) await put();
    else await pipeline(await get(), nowhere());
    return (megabytes * 1000) / (performance.now() - startedAt);
  };
  process.send(await best(turn, { turns: 3 }));
}
process.disconnect();
// connections of the clients are kept open
process.exit();

async function s3Server() {
  const child = fork(join(import.meta.dirname, "s3-server.mjs"));
  const [options] = await once(child, "message");
  return options;
}
