import { Readable } from "node:stream";
import { inspect } from "node:util";

import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { silentLogger, type Logger } from "@infra/interfaces";
import { ManualClock } from "@infra/testing";
import { startS3, type S3Fault, type S3Request, type S3Server } from "@infra/testing/s3";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { expectTypeOf } from "expect-type";

import { S3StorageProvider, type AwsS3Client, type S3StorageOptions } from "../src/drivers/s3.js";
import { partBytesFor } from "../src/s3/store-object.js";
import { s3Options } from "./providers.js";

let server: S3Server;
let requests: S3Request[];
/** What happens to requests, in the test that runs. */
let meet: (request: S3Request) => S3Fault | undefined | Promise<S3Fault | undefined>;
const providers: S3StorageProvider[] = [];

beforeEach(async () => {
  requests = [];
  meet = () => undefined;
  server = await startS3({
    minPartBytes: 0,
    intercept(request) {
      requests.push(request);
      return meet(request);
    },
  });
});
afterEach(async () => {
  for (const provider of providers.splice(0)) await provider.stop();
  await server.stop();
});

function open(
  options: Partial<S3StorageOptions> = {},
  deps: ConstructorParameters<typeof S3StorageProvider>[1] = {},
): S3StorageProvider {
  const provider = new S3StorageProvider(
    { ...s3Options(server), partSize: 1000, maxAttempts: 1, ...options },
    deps,
  );
  providers.push(provider);
  return provider;
}

const operations = (): string[] => requests.map(({ operation }) => operation);
const stream = (bytes: number): Readable =>
  Readable.from(
    Array.from({ length: Math.ceil(bytes / 100) }, (_, at) =>
      Buffer.alloc(Math.min(100, bytes - at * 100), at),
    ),
  );

describe("S3StorageProvider options", () => {
  it.each([
    [{ bucket: "" }, "bucket must be a non-empty string"],
    [{ concurrency: 0 }, "concurrency must be a whole number above 0, got 0"],
    [{ partSize: 0 }, "partSize must be at least 1 byte"],
    [{ unreadTimeout: "soon" as never }, "unreadTimeout must be"],
  ])("refuse %j", (options, message) => {
    expect(() => open(options)).toThrow(message);
  });

  it("take a client, which is not closed", async () => {
    const { url: endpoint, region, credentials } = server;
    const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
    const provider = open({ client });
    await provider.storeFile({ key: "a", content: "x" });
    expect(await provider.client()).toBe(client);
    await provider.stop();
    expect(await provider.exists("a")).toBe(true);
    client.destroy();
  });

  it("name the client's types without needing them", () => {
    expectTypeOf<S3Client>().toExtend<AwsS3Client>();
    expectTypeOf<AwsS3Client>().not.toBeAny();
    expectTypeOf<S3ClientConfig>().toExtend<S3StorageOptions["clientConfig"]>();
  });

  it("put a prefix before every key", async () => {
    const [inside, outside] = [open({ prefix: "app/" }), open()];
    await inside.storeFile({ key: "a", content: "x" });
    await outside.storeFile({ key: "other", content: "x" });
    expect(server.keys()).toEqual(["app/a", "other"]);
    expect((await inside.list()).files.map(({ fileId }) => fileId)).toEqual(["a"]);
    await inside.copy("a", "b");
    await inside.deleteMany(["a"]);
    expect(server.keys()).toEqual(["app/b", "other"]);
  });
});

describe("S3StorageProvider uploads", () => {
  it.each([
    [0, ["PutObject"]],
    [999, ["PutObject"]],
    [1000, ["PutObject"]],
    [1001, ["CreateMultipartUpload", "UploadPart", "UploadPart", "CompleteMultipartUpload"]],
    [2000, ["CreateMultipartUpload", "UploadPart", "UploadPart", "CompleteMultipartUpload"]],
  ])("a stream of %d bytes goes up by the right requests", async (bytes, expected) => {
    const provider = open();
    await provider.storeFile({ key: "k", content: stream(bytes) });
    expect(operations()).toEqual(expected);
    expect((await provider.getFileContent("k")).length).toBe(bytes);
    expect(server.openUploads()).toEqual([]);
  });

  it("have no more parts under way than concurrency", async () => {
    let running = 0;
    let most = 0;
    let second: (() => void) | undefined;
    const arrived = new Promise<void>((resolve) => (second = resolve));
    meet = async ({ operation }) => {
      if (operation !== "UploadPart") return undefined;
      most = Math.max(most, (running += 1));
      if (running === 2) second?.();
      // the first waits for the second to come
      await arrived;
      running -= 1;
      return undefined;
    };
    await open({ concurrency: 2 }).storeFile({ key: "k", content: stream(9500) });
    expect(most).toBe(2);
  });

  it("make parts larger when sizeBytes would make more than 10,000 of them", () => {
    expect(partBytesFor(8, 80_000)).toBe(8);
    expect(partBytesFor(8, 80_001)).toBe(9);
    expect(partBytesFor(8)).toBe(8);
  });

  it("keep the checksum of the whole, which downloads are held against", async () => {
    const provider = open();
    await provider.storeFile({ key: "k", content: stream(5500) });
    expect(await provider.getMetadata("k")).toMatchObject({
      crc32: expect.stringMatching(/^[0-9a-f]{8}$/),
    });
    await server.damage("k");
    await expect(provider.getFileContent("k")).rejects.toMatchObject({
      code: "ERR_STORAGE_CORRUPT",
    });
  });

  it("overwrite: false holds for uploads in parts", async () => {
    const provider = open();
    await provider.storeFile({ key: "k", content: "old" });
    await expect(
      provider.storeFile({ key: "k", content: stream(5000), overwrite: false }),
    ).rejects.toMatchObject({ code: "ERR_STORAGE_EXISTS" });
    expect(String(await provider.getFileContent("k"))).toBe("old");
    expect(server.openUploads()).toEqual([]);
  });
});

// the library's own `Upload` rejects while parts are under way, which then stay for ever
describe("S3StorageProvider leaves no parts behind", () => {
  it("when S3 refuses a part", async () => {
    let parts = 0;
    meet = ({ operation }) =>
      operation === "UploadPart" && (parts += 1) === 3
        ? { status: 500, code: "InternalError" }
        : undefined;
    const storing = open().storeFile({ key: "k", content: stream(9500) });
    await expect(storing).rejects.toMatchObject({ code: "ERR_STORAGE_UNAVAILABLE" });
    expect(server.openUploads()).toEqual([]);
    expect(server.keys()).toEqual([]);
  });

  it("when the signal aborts while parts are under way", async () => {
    const controller = new AbortController();
    let arrived = 0;
    meet = async ({ operation }) => {
      if (operation === "UploadPart" && (arrived += 1) === 3)
        controller.abort(new Error("given up"));
      return undefined;
    };
    const storing = open().storeFile({
      key: "k",
      content: stream(9500),
      signal: controller.signal,
    });
    await expect(storing).rejects.toThrow("given up");
    expect(server.openUploads()).toEqual([]);
  });

  it("when the signal aborts while the upload is being created", async () => {
    const controller = new AbortController();
    meet = async ({ operation }) => {
      if (operation === "CreateMultipartUpload") controller.abort(new Error("given up"));
      return undefined;
    };
    const storing = open().storeFile({
      key: "k",
      content: stream(9500),
      signal: controller.signal,
    });
    await expect(storing).rejects.toThrow("given up");
    expect(operations()).toContain("AbortMultipartUpload");
    expect(server.openUploads()).toEqual([]);
  });

  it("when completing it fails, and aborting it at first", async () => {
    let aborts = 0;
    meet = ({ operation }) => {
      if (operation === "CompleteMultipartUpload") return { status: 500, code: "InternalError" };
      if (operation === "AbortMultipartUpload" && (aborts += 1) < 3)
        return { status: 503, code: "SlowDown" };
      return undefined;
    };
    const storing = open().storeFile({ key: "k", content: stream(3000) });
    await expect(storing).rejects.toMatchObject({ code: "ERR_STORAGE_UNAVAILABLE" });
    expect(aborts).toBe(3);
    expect(server.openUploads()).toEqual([]);
  });

  it("and names the upload where it can't be aborted at all", async () => {
    meet = ({ operation }) =>
      operation === "AbortMultipartUpload" || operation === "UploadPart"
        ? { status: 500, code: "InternalError" }
        : undefined;
    const logged: unknown[] = [];
    const logger: Logger = {
      ...silentLogger,
      error: (message, meta) => logged.push([message, meta]),
    };
    const storing = open({}, { logger }).storeFile({ key: "k", content: stream(3000) });
    await expect(storing).rejects.toMatchObject({ code: "ERR_STORAGE_UNAVAILABLE" });
    const { uploadId } = server.openUploads()[0]!;
    expect(logged).toEqual([
      [
        expect.stringContaining("could not be aborted"),
        expect.objectContaining({ key: "k", uploadId }),
      ],
    ]);
  });
});

const hasChecksum = ({ headers }: S3Request): boolean =>
  Object.keys(headers).some((name) => /^x-amz-(checksum|trailer|sdk-checksum)/.test(name));

// AWS SDK: checksums by default break services that do not know them
describe("S3StorageProvider checksums", () => {
  it("are on by default", async () => {
    const provider = open();
    await provider.storeFile({ key: "k", content: "small" });
    await provider.storeFile({ key: "k", content: stream(3000) });
    await provider.getFileContent("k");
    for (const operation of ["PutObject", "CreateMultipartUpload", "UploadPart", "GetObject"]) {
      expect([
        operation,
        requests.filter((each) => each.operation === operation).every(hasChecksum),
      ]).toEqual([operation, true]);
    }
  });

  it("are off for services that refuse them", async () => {
    meet = (request) =>
      hasChecksum(request) ? { status: 501, code: "NotImplemented" } : undefined;
    await expect(open().storeFile({ key: "k", content: "x" })).rejects.toMatchObject({
      code: "ERR_STORAGE_FAILED",
    });
    const provider = open({ checksums: false });
    await provider.storeFile({ key: "k", content: "small" });
    await provider.storeFile({ key: "large", content: stream(3000) });
    expect(String(await provider.getFileContent("k"))).toBe("small");
    expect((await provider.getFileContent("large")).length).toBe(3000);
    expect(await provider.getMetadata("k")).not.toHaveProperty("crc32");
  });
});

// AWS SDK: a body that nobody reads holds its connection, and with 50 of them the client stands still
describe("S3StorageProvider streams that nobody reads", () => {
  it("let go of their connections, and can be read all the same", async () => {
    const clock = new ManualClock();
    const provider = open({ maxSockets: 2, unreadTimeout: "5s", partSize: "8mb" }, { clock });
    const content = Buffer.alloc(2_000_000, "x");
    await provider.storeFile({ key: "k", content });
    const unread = [await provider.getFileStream("k"), await provider.getFileStream("k")];
    const late = provider.getFileStream("k");
    await clock.advance(5000);
    unread.push(await late);
    await clock.advance(5000);
    expect(await provider.exists("k")).toBe(true);
    for (const chunks of unread) {
      let length = 0;
      for await (const chunk of chunks) length += chunk.length;
      expect(length).toBe(content.length);
    }
    expect(clock.pending).toBe(0);
  });

  it("let go of their connections when the reading stops early", async () => {
    const provider = open({ maxSockets: 1, partSize: "8mb" });
    await provider.storeFile({ key: "k", content: Buffer.alloc(2_000_000, "x") });
    for (let time = 0; time < 3; time += 1) {
      for await (const chunk of await provider.getFileStream("k")) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
    }
    expect(await provider.exists("k")).toBe(true);
  });
});

describe("S3StorageProvider.copy()", () => {
  it("copies by one request, or in parts what is too large for that", async () => {
    const provider = open({ copyLimit: 2000 });
    const attributes = { contentType: "image/png", metadata: { a: "é" }, cacheControl: "no-store" };
    await provider.storeFile({ key: "small", content: stream(2000), ...attributes });
    await provider.storeFile({ key: "large", content: stream(5500), ...attributes });
    await provider.copy("small", "a/b");
    expect(operations()).toContain("CopyObject");
    await provider.copy("large", "c d");
    expect(operations().filter((each) => each === "UploadPartCopy")).toHaveLength(3);
    const [large, copy] = [
      await provider.getFileContent("large"),
      await provider.getFileContent("c d"),
    ];
    expect(copy.equals(large)).toBe(true);
    expect(await provider.getMetadata("c d")).toMatchObject({ sizeBytes: 5500, ...attributes });
    meet = ({ operation }) =>
      operation === "UploadPartCopy" ? { status: 500, code: "InternalError" } : undefined;
    await expect(provider.copy("large", "d")).rejects.toMatchObject({
      code: "ERR_STORAGE_UNAVAILABLE",
    });
    expect(server.openUploads()).toEqual([]);
  });
});

describe("S3StorageProvider errors", () => {
  it.each([
    [{ status: 403, code: "AccessDenied" }, "ERR_STORAGE_DENIED", false],
    [{ status: 503, code: "SlowDown" }, "ERR_STORAGE_UNAVAILABLE", true],
    [{ status: 500, code: "InternalError" }, "ERR_STORAGE_UNAVAILABLE", true],
    [{ status: 400, code: "InvalidRequest" }, "ERR_STORAGE_FAILED", false],
    ["cut" as const, "ERR_STORAGE_UNAVAILABLE", true],
  ])("%j is %s", async (fault, code, retryable) => {
    meet = () => fault;
    await expect(open().getFileContent("k")).rejects.toMatchObject({ code, retryable });
    await expect(open().storeFile({ key: "k", content: "x" })).rejects.toMatchObject({
      code,
      retryable,
    });
  });

  it("a server that is gone is unavailable, and its health down", async () => {
    const provider = open();
    expect(await provider.health()).toMatchObject({ status: "up" });
    await server.stop();
    await expect(provider.exists("k")).rejects.toMatchObject({ code: "ERR_STORAGE_UNAVAILABLE" });
    expect(await provider.health()).toMatchObject({ status: "down" });
  });

  it("show no secret", async () => {
    const { accessKeyId } = server.credentials;
    const provider = open({ credentials: { accessKeyId, secretAccessKey: "hunter2" } });
    const error = await provider.getFileContent("k").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "ERR_STORAGE_DENIED" });
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain("hunter2");
  });

  it("a passing error is tried again", async () => {
    let tries = 0;
    meet = () => ((tries += 1) === 1 ? { status: 503, code: "SlowDown" } : undefined);
    await open({ maxAttempts: 3 }).storeFile({ key: "k", content: "x" });
    expect(tries).toBe(2);
  });

  it("a stream that breaks on the way is an error, not an end", async () => {
    const provider = open({ partSize: "8mb" });
    await provider.storeFile({ key: "k", content: Buffer.alloc(5_000_000, "x") });
    const reading = (async () => {
      for await (const chunk of await provider.getFileStream("k")) {
        expect(chunk).not.toHaveLength(0);
        await server.stop();
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: "ERR_STORAGE_UNAVAILABLE" });
  });
});
