// node contestant.mjs LIBRARY FOLDER SOURCE S3: answers { work, wanted: "answer" } with whether what was stored, or read, is
// the source, and { work, wanted: "turn" } with the time that one stream took, and the CPU. Ends when it is disconnected.
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, mkdtempSync, statSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { join } from "node:path";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";

const [library, parent, source, s3] = process.argv.slice(2);
const folder = mkdtempSync(join(parent, "own-"));
const s3Options = JSON.parse(s3);

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
    const { bucket: Bucket, ...options } = s3Options;
    const client = new S3Client({ ...options, forcePathStyle: true });
    const object = { Bucket, Key: "raw" };
    const ContentLength = statSync(source).size;
    return {
      put: () => client.send(new PutObjectCommand({ ...object, Body: input(), ContentLength })),
      get: async () => (await client.send(new GetObjectCommand(object))).Body,
    };
  },

  async "@infra/storage"() {
    const { StorageService } = await import("@infra/storage");
    const storage = new StorageService({ url: `file:${join(folder, "files")}` });
    if (s3Options) {
      const { S3StorageProvider } = await import("@infra/storage/drivers/s3");
      storage.registerProvider("s3", new S3StorageProvider(s3Options), { default: true });
    }
    return {
      put: () => storage.storeFile({ key: "target", content: input() }),
      get: () => storage.getFileStream("target"),
    };
  },
};

const { put, get } = await makers[library]();
await put();

process.on("message", async ({ work, wanted }) => {
  process.send(wanted === "answer" ? await isWhole() : await timed(work));
});
// connections of the clients are kept open
process.once("disconnect", () => process.exit());
process.send("ready");

async function timed(work) {
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  if (work === "disk in" || work === "S3 put") await put();
  else await pipeline(await get(), nowhere());
  const { user, system } = process.cpuUsage(cpu);
  return { tookMs: performance.now() - startedAt, cpuMs: (user + system) / 1000 };
}

async function isWhole() {
  const [stored, wanted] = [createHash("sha256"), createHash("sha256")];
  for await (const chunk of await get()) stored.update(chunk);
  for await (const chunk of input()) wanted.update(chunk);
  return stored.digest("hex") === wanted.digest("hex");
}
