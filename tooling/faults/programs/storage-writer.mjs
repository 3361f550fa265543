// node storage-writer.mjs DIRECTORY NAME: writes files of 1 MB to one key, one after the other, until it is killed; prints
// the id of each that was acknowledged. A file repeats its id from end to end, and has it in its metadata.
import { LocalStorageProvider } from "@infra/storage/drivers/local";

const [directory, name] = process.argv.slice(2);
const storage = new LocalStorageProvider({ directory });
await storage.start();
for (let n = 0; ; n += 1) {
  const id = `${name}-${process.pid}-${n}`;
  const block = Buffer.alloc(64 * 1024, id.padEnd(32, "."));
  await storage.storeFile({ key: "the/key", content: blocks(block), metadata: { id } });
  process.stdout.write(`${id}\n`);
}

async function* blocks(block) {
  for (let at = 0; at < 16; at += 1) yield block;
}
