import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { IStorageProvider } from "@infra/interfaces";
import { startS3, type S3Server } from "@infra/testing/s3";
import { afterAll, afterEach, beforeAll, describe } from "@jest/globals";

import { LocalStorageProvider } from "../src/drivers/local.js";
import { MemoryStorageProvider } from "../src/drivers/memory.js";
import { S3StorageProvider, type S3StorageOptions } from "../src/drivers/s3.js";

const folders: string[] = [];

/** A folder that is gone when the test is over. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "infra-storage-"));
  folders.push(folder);
  return folder;
}

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** Where a test server is. */
export function s3Options(server: S3Server): S3StorageOptions {
  const { bucket, url, region, credentials } = server;
  return { bucket, endpoint: url, region, credentials };
}

/** Runs a suite on a new provider of each kind. */
export function describeOnProviders(
  title: string,
  suite: (create: () => Promise<IStorageProvider>, kind: "memory" | "disk" | "S3") => void,
): void {
  describe(`${title}, in memory`, () => {
    suite(async () => new MemoryStorageProvider(), "memory");
  });
  describe(`${title}, on disk`, () => {
    suite(async () => new LocalStorageProvider({ directory: await temporaryFolder() }), "disk");
  });
  describe(`${title}, on S3`, () => {
    let server: S3Server;
    let made = 0;
    beforeAll(async () => {
      server = await startS3({ minPartBytes: 0 });
    });
    afterAll(() => server.stop());
    const create = async (): Promise<IStorageProvider> =>
      new S3StorageProvider({ ...s3Options(server), prefix: `at-${(made += 1)}` });
    suite(create, "S3");
  });
}
