import { startS3, type S3Server } from "@infra/testing/s3";
import { describeStorageContract } from "@infra/testing/storage-contract";
import { afterAll } from "@jest/globals";

import { S3StorageProvider } from "../src/s3-storage-provider.js";

let server: S3Server | undefined;
afterAll(() => server?.stop());

const emptyProvider = async (): Promise<S3StorageProvider> => {
  await server?.stop();
  server = await startS3();
  const { bucket, credentials, region, url: endpoint } = server;
  return new S3StorageProvider({ bucket, credentials, region, endpoint, forcePathStyle: true });
};
const no = "a file is in memory as a whole, and the design asks for four methods";

describeStorageContract("S3StorageProvider", emptyProvider, {
  without: { getFileStream: no, deleteMany: no, copy: no, move: no, list: no, health: no },
  damage: (fileId) => server!.damage(fileId),
  leftovers: async () => server!.openUploads(),
});
