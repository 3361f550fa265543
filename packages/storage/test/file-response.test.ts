import { text } from "node:stream/consumers";

import { expect, it } from "@jest/globals";

import { LocalStorageProvider } from "../src/drivers/local.js";
import { fileResponse, StorageService } from "../src/index.js";
import { describeOnProviders, temporaryFolder } from "./providers.js";

describeOnProviders("fileResponse", (create) => {
  async function stored(): Promise<StorageService> {
    const storage = new StorageService({ url: "memory:" });
    storage.registerProvider("p", await create(), { default: true });
    await storage.storeFile({ key: "notes/1.txt", content: "hello, you" });
    return storage;
  }

  it("gives a file with its headers; those of the call go before those that are stored", async () => {
    await using storage = await stored();
    const request = { headers: {} };
    const whole = await fileResponse(storage, "notes/1.txt", request);
    expect([whole.status, await text(whole.content!)]).toEqual([200, "hello, you"]);
    expect(whole.headers).toMatchObject({
      "accept-ranges": "bytes",
      "cache-control": "private, no-cache",
      "content-length": 10,
      "content-type": "text/plain",
      "x-content-type-options": "nosniff",
    });
    const mine = await fileResponse(storage, "notes/1.txt", request, {
      cacheControl: "private, max-age=60",
      contentDisposition: "attachment",
    });
    expect(await text(mine.content!)).toBe("hello, you");
    expect(mine.headers).toMatchObject({
      "cache-control": "private, max-age=60",
      "content-disposition": "attachment",
    });
  });

  it("gives the range that is asked for, nothing to who has it already, and no content for HEAD", async () => {
    await using storage = await stored();
    const part = await fileResponse(storage, "notes/1.txt", { headers: { range: "bytes=7-" } });
    expect([part.status, await text(part.content!)]).toEqual([206, "you"]);
    expect(part.headers).toMatchObject({ "content-length": 3, "content-range": "bytes 7-9/10" });
    const etag = String(part.headers["etag"]);
    const known = { headers: { "if-none-match": etag } };
    expect(await fileResponse(storage, "notes/1.txt", known)).toEqual({
      status: 304,
      headers: expect.objectContaining({ etag }),
    });
    const head = await fileResponse(storage, "notes/1.txt", { method: "HEAD", headers: {} });
    expect([head.status, head.headers["content-length"], head.content]).toEqual([
      200,
      10,
      undefined,
    ]);
  });

  it("rejects for a file that is missing, and a range behind its end", async () => {
    await using storage = await stored();
    await expect(fileResponse(storage, "none", { headers: {} })).rejects.toMatchObject({
      code: "ERR_STORAGE_NOT_FOUND",
    });
    const behind = { headers: { range: "bytes=99-" } };
    await expect(fileResponse(storage, "notes/1.txt", behind)).rejects.toMatchObject({
      code: "ERR_STORAGE_RANGE",
      status: 416,
    });
  });
});

it.each([
  ["longer", "hello, all of you"],
  ["shorter", "hi"],
])("fileResponse breaks off what was replaced by something %s", async (_, content) => {
  await using storage = new StorageService({ url: "memory:" });
  const directory = await temporaryFolder();
  storage.registerProvider("disk", new LocalStorageProvider({ directory }), { default: true });
  await storage.storeFile({ key: "a", content: "hello, you" });
  const answer = await fileResponse(storage, "a", { headers: {} });
  await storage.storeFile({ key: "a", content });
  await expect(text(answer.content!)).rejects.toMatchObject({ code: "ERR_STORAGE_CORRUPT" });
});
