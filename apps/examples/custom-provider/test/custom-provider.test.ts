import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { sourceFlags } from "@infra/jest-preset/source-flags";
import { StorageService } from "@infra/storage";
import { startS3, type S3Server } from "@infra/testing/s3";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";

import { S3StorageProvider } from "../src/s3-storage-provider.js";

const example = fileURLToPath(new URL("..", import.meta.url));
const bucket = "my-app-assets";
const region = "us-west-2";
let server: S3Server;
beforeAll(async () => {
  server = await startS3({ bucket, region });
});
afterAll(() => server.stop());

/** The design's snippet, its comments that stand for code left out. */
const snippet = `
export class S3StorageProvider implements IStorageProvider {
  constructor(private options: S3Options) {}
  async storeFile(options: StoreFileOptions): Promise<string> {
// Register with the storage service
storageService.registerProvider(
  "s3",
  new S3StorageProvider({
    bucket: "my-app-assets",
    region: "us-west-2",
`;

describe("the example", () => {
  it("has the lines of the design, in their order", () => {
    const source = readFileSync(join(example, "src/s3-storage-provider.ts"), "utf8").split("\n");
    const lines = snippet.trim().split("\n");
    expect(source.filter((line) => lines.includes(line))).toEqual(lines);
    // with the options that the contract asks for
    expect(source.join("")).toMatch(/async getFileContent\(\s*fileId: string,/);
    expect(source).toContain('import { IStorageProvider, FileMetadata } from "@infra/storage";');
  });

  it("stores a file in the bucket, and reads it back", async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...sourceFlags, join(example, "src/main.ts")],
      {
        cwd: tmpdir(),
        timeout: 60_000,
        env: {
          PATH: process.env["PATH"],
          AWS_ENDPOINT_URL_S3: server.url,
          AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
        },
      },
    );
    expect(stdout).toBe("greetings/hello.txt: hello, world\n");
    expect(server.keys()).toEqual(["greetings/hello.txt"]);
  }, 90_000);
});

describe("its provider, registered with a StorageService", () => {
  let storage: StorageService;
  beforeEach(() => {
    const { url: endpoint, credentials } = server;
    storage = new StorageService({ url: "memory:" });
    const provider = new S3StorageProvider({ bucket, region, endpoint, credentials });
    storage.registerProvider("s3", provider, { default: true });
  });
  afterEach(() => storage.stop());

  it("keeps texts, bytes and streams, and what is remembered of them", async () => {
    for (const content of ["grüße", Buffer.from("grüße"), Readable.from([Buffer.from("grüße")])]) {
      await storage.storeFile({ key: "k.txt", content, metadata: { owner: "jürgen" } });
      expect(String(await storage.getFileContent("k.txt"))).toBe("grüße");
      expect(await storage.getMetadata("k.txt")).toMatchObject({
        sizeBytes: 7,
        contentType: "text/plain",
        metadata: { owner: "jürgen" },
      });
    }
    expect(await storage.storeFile({ content: "without a key" })).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("deletes, and says what is not there", async () => {
    await storage.storeFile({ key: "k", content: "x" });
    expect(await storage.exists("k")).toBe(true);
    await storage.delete("k");
    await storage.delete("k");
    expect(await storage.exists("k")).toBe(false);
    const missing = { code: "ERR_STORAGE_NOT_FOUND" };
    await expect(storage.getFileContent("k")).rejects.toMatchObject(missing);
    await expect(storage.getMetadata("k")).rejects.toMatchObject(missing);
  });

  it("does not replace with overwrite: false, nor take what its SHA-256 does not name", async () => {
    await storage.storeFile({ key: "k", content: "old" });
    await expect(
      storage.storeFile({ key: "k", content: "new", overwrite: false }),
    ).rejects.toMatchObject({ code: "ERR_STORAGE_EXISTS" });
    const sha256 = createHash("sha256").update("new").digest("hex");
    await expect(storage.storeFile({ key: "k", content: "other", sha256 })).rejects.toMatchObject({
      code: "ERR_STORAGE_CHECKSUM",
    });
    expect(String(await storage.getFileContent("k"))).toBe("old");
  });

  it("refuses what is too large for memory, and leaves the old file when a stream breaks off", async () => {
    await storage.storeFile({ key: "k", content: "old" });
    const chunk = Buffer.alloc(1024 ** 2);
    const large = Readable.from(Array.from({ length: 65 }, () => chunk));
    await expect(storage.storeFile({ key: "k", content: large })).rejects.toMatchObject({
      code: "ERR_STORAGE_TOO_LARGE",
    });
    const controller = new AbortController();
    const endless = (async function* () {
      for (let n = 0; ; n += 1) {
        if (n === 3) controller.abort(new Error("enough"));
        yield chunk;
      }
    })();
    await expect(
      storage.storeFile({ key: "k", content: endless, signal: controller.signal }),
    ).rejects.toThrow("enough");
    expect(String(await storage.getFileContent("k"))).toBe("old");
  });
});
