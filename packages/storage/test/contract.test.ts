import { mkdtemp, open, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startS3, type S3Server } from "@infra/testing/s3";
import { describeStorageContract } from "@infra/testing/storage-contract";
import { afterAll, afterEach, beforeAll } from "@jest/globals";

import { LocalStorageProvider } from "../src/drivers/local.js";
import { MemoryStorageProvider } from "../src/drivers/memory.js";
import { S3StorageProvider } from "../src/drivers/s3.js";

describeStorageContract("memory", () => new MemoryStorageProvider(), {
  damage: "nobody reaches into the memory of the process",
  without: { deleteMany: "one by one is as good", move: "a copy costs nothing" },
});

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

describeStorageContract(
  "local disk",
  async () => {
    const directory = await mkdtemp(join(tmpdir(), "infra-storage-"));
    folders.push(directory);
    return new LocalStorageProvider({ directory });
  },
  {
    without: {
      deleteMany: "the disk deletes one by one",
      copy: "a copy goes through the process",
    },
    async damage(fileId) {
      const path = join(folders[0]!, fileId);
      const handle = await open(path, "r+");
      const { mtime } = await handle.stat();
      await handle.write("S", 0);
      // as a disk does it that fails: nobody has written
      await handle.utimes(mtime, mtime);
      await handle.close();
    },
    async leftovers() {
      const names = await readdir(folders[0]!, { recursive: true, withFileTypes: true });
      const files = names.filter((each) => each.isFile()).map(({ name }) => name);
      const contents = files.filter((name) => !/\.json$|^[0-9a-f-]{36}$/.test(name));
      const sidecars = files.filter((name) => name.endsWith(".json"));
      // each content has one sidecar; the lock of the process is the only other file
      return [
        ...sidecars.slice(contents.length),
        ...names.map(({ name }) => name).filter((name) => name.includes(".tmp")),
        ...files.filter((name) => name === "content"),
      ];
    },
  },
);

let server: S3Server;
let bucketFolder = 0;
beforeAll(async () => {
  server = await startS3({ minPartBytes: 0 });
});
afterAll(() => server.stop());

describeStorageContract(
  "S3",
  () =>
    new S3StorageProvider({
      bucket: server.bucket,
      // an empty place for each test
      prefix: `test-${(bucketFolder += 1)}`,
      endpoint: server.url,
      region: server.region,
      credentials: server.credentials,
      partSize: "128kb",
    }),
  {
    without: { move: "S3 can only copy" },
    damage: (fileId) => server.damage(`test-${bucketFolder}/${fileId}`),
    leftovers: async () => server.openUploads(),
  },
);
