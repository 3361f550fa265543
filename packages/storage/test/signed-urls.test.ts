import { createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { ManualClock } from "@infra/testing";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import { MemoryStorageProvider } from "../src/drivers/memory.js";
import { attachment, StorageService, type StorageServiceOptions } from "../src/index.js";
import { describeOnProviders } from "./providers.js";

const signingKey = "a key that nobody knows";
const servers: Server[] = [];
const services: StorageService[] = [];

afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A storage whose signed URLs are served. */
async function serve(
  options: StorageServiceOptions = {},
  deps: ConstructorParameters<typeof StorageService>[1] = {},
): Promise<StorageService> {
  let storage: StorageService | undefined;
  const server = createServer(
    (request, response) => void storage!.signedUrlHandler(request, response),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  servers.push(server);
  const publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/files`;
  storage = new StorageService({ url: "memory:", publicUrl, signingKey, ...options }, deps);
  services.push(storage);
  return storage;
}

const formOf = (
  fields: Readonly<Record<string, string>>,
  content: string,
  type: string,
): FormData => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set("file", new Blob([content], { type }), "any.bin");
  return form;
};

describeOnProviders("signed URLs and forms", (create) => {
  let storage: StorageService;
  beforeEach(async () => {
    storage = await serve();
    storage.registerProvider("p", await create(), { default: true });
  });

  it("a GET gives the file with its headers, a part of it, or another disposition", async () => {
    const key = "ordner/ä ö+&.txt";
    await storage.storeFile({
      key,
      content: "0123456789",
      cacheControl: "max-age=5",
      contentDisposition: "inline",
    });
    const url = await storage.getSignedUrl(key);
    const whole = await fetch(url);
    expect([whole.status, await whole.text()]).toEqual([200, "0123456789"]);
    const { etag } = await storage.getMetadata(key);
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      "content-type": "text/plain",
      "content-length": "10",
      "cache-control": "max-age=5",
      "content-disposition": "inline",
      "accept-ranges": "bytes",
      etag,
    });
    const part = await fetch(url, { headers: { range: "bytes=2-4" } });
    expect([part.status, await part.text(), part.headers.get("content-range")]).toEqual([
      206,
      "234",
      "bytes 2-4/10",
    ]);
    const end = await fetch(url, { headers: { range: "bytes=-3" } });
    expect([end.status, await end.text()]).toEqual([206, "789"]);
    const none = await fetch(url, { headers: { range: "bytes=10-" } });
    expect([none.status, none.headers.get("content-range")]).toEqual([416, "bytes */10"]);
    await none.text();
    const known = await fetch(url, { headers: { "if-none-match": etag! } });
    expect(known.status).toBe(304);
    const saved = await fetch(
      await storage.getSignedUrl(key, { contentDisposition: attachment("ä.txt") }),
    );
    expect(saved.headers.get("content-disposition")).toBe(attachment("ä.txt"));
    await saved.text();
  });

  it("a PUT stores the file, of the type that was signed", async () => {
    const url = await storage.getSignedUrl("up.txt", {
      operation: "write",
      contentType: "text/csv",
    });
    const refused = await fetch(url, {
      method: "PUT",
      body: "a,b",
      headers: { "content-type": "text/html" },
    });
    expect(refused.ok).toBe(false);
    await refused.text();
    expect(await storage.exists("up.txt")).toBe(false);
    const stored = await fetch(url, {
      method: "PUT",
      body: "a,b",
      headers: { "content-type": "text/csv" },
    });
    expect(stored.status).toBe(200);
    expect(await storage.getMetadata("up.txt")).toMatchObject({
      sizeBytes: 3,
      contentType: "text/csv",
    });
    const reading = await fetch(url);
    expect(reading.status).toBe(403);
    await reading.text();
  });

  it("a form stores the file, in the bounds that were signed", async () => {
    const form = await storage.getUploadForm("form.png", { maxSize: 10, contentType: "image/png" });
    const post = async (
      content: string,
      type = "image/png",
      fields = form.fields,
    ): Promise<number> => {
      const body = formOf({ "Content-Type": type, ...fields }, content, type);
      if (type !== "image/png") body.set("Content-Type", type);
      const response = await fetch(form.url, { method: "POST", body });
      await response.text();
      return response.status;
    };
    expect(await post("0123456789x")).toBeGreaterThanOrEqual(400);
    expect(await post("0123", "text/html")).toBeGreaterThanOrEqual(400);
    expect(await storage.exists("form.png")).toBe(false);
    expect(await post("0123456789")).toBe(204);
    expect(await storage.getMetadata("form.png")).toMatchObject({
      sizeBytes: 10,
      contentType: "image/png",
    });
  });

  it("a form can leave the type open, within a kind", async () => {
    const form = await storage.getUploadForm("x", { maxSize: "1kb", contentType: "image/*" });
    for (const [type, isTaken] of [
      ["image/webp", true],
      ["text/html", false],
    ] as const) {
      const body = formOf({ ...form.fields, "Content-Type": type }, "content", type);
      // the file comes last
      const file = body.get("file") as File;
      body.delete("file");
      body.set("file", file, "a");
      const response = await fetch(form.url, { method: "POST", body });
      expect([type, response.ok]).toEqual([type, isTaken]);
      await response.text();
    }
    expect((await storage.getMetadata("x")).contentType).toBe("image/webp");
  });

  it.each([
    [{ expiresIn: "8d" as const }, "expiresIn must be from"],
    [{ expiresIn: 10 }, "expiresIn must be from"],
    [{ operation: "delete" as never }, 'operation must be "read" or "write"'],
    [{ contentType: "a\nb" }, "contentType must be printable ASCII"],
  ])("refuse %j", async (options, message) => {
    await expect(storage.getSignedUrl("k", options)).rejects.toThrow(message);
  });
});

const statusOf = async (url: string | URL, init?: RequestInit): Promise<[number, string]> => {
  const response = await fetch(url, init);
  const text = await response.text();
  return [
    response.status,
    text.startsWith("{") ? (JSON.parse(text) as { code: string }).code : text,
  ];
};

describe("the URLs that the storage serves itself", () => {
  it("end when they expire", async () => {
    const clock = new ManualClock();
    const storage = await serve({}, { clock });
    await storage.storeFile({ key: "k", content: "x" });
    const url = await storage.getSignedUrl("k", { expiresIn: "10s" });
    await clock.advance(9999);
    expect(await statusOf(url)).toEqual([200, "x"]);
    await clock.advance(1);
    expect(await statusOf(url)).toEqual([403, "ERR_STORAGE_SIGNATURE"]);
  });

  it("are for one file, one operation and one key", async () => {
    const storage = await serve();
    await storage.storeFile({ key: "mine", content: "x" });
    await storage.storeFile({ key: "other", content: "secret" });
    const url = new URL(await storage.getSignedUrl("mine"));
    const grant = url.searchParams.get("grant")!;
    const at = (path: string, token = grant): URL => new URL(`${path}?grant=${token}`, url);
    const forged = Buffer.from(
      JSON.stringify({ operation: "read", fileId: "other", provider: "default", expiresAt: 1e15 }),
    ).toString("base64url");
    const write = new URL(
      await storage.getSignedUrl("mine", { operation: "write" }),
    ).searchParams.get("grant")!;
    for (const [where, init] of [
      [at("/files/other")],
      [at("/files/mine/../other")],
      [at("/mine")],
      [at("/files/mine", "")],
      [at("/files/mine", `${grant}x`)],
      [at("/files/other", `${forged}.${grant.split(".")[1]}`)],
      [at("/files/mine", write)],
      [at("/files/mine"), { method: "PUT", body: "y" }],
    ] as const) {
      expect(await statusOf(where, init)).toEqual([403, "ERR_STORAGE_SIGNATURE"]);
    }
    expect(await statusOf(at("/files/mine"), { method: "DELETE" })).toEqual([405, ""]);
    const stranger = await serve({ signingKey: "another key, of another one" });
    const foreign = new URL(await stranger.getSignedUrl("mine"));
    foreign.port = url.port;
    expect(await statusOf(foreign)).toEqual([403, "ERR_STORAGE_SIGNATURE"]);
    expect(await statusOf(url)).toEqual([200, "x"]);
  });

  it("hold to the storage's own bounds", async () => {
    const storage = await serve({ maxSize: 5, allowedTypes: ["image/*"] });
    const url = await storage.getSignedUrl("k", { operation: "write" });
    const put = (body: string) =>
      statusOf(url, { method: "PUT", body, headers: { "content-type": "image/png" } });
    expect(await put("123456")).toEqual([413, "ERR_STORAGE_TOO_LARGE"]);
    expect(await put("text")).toEqual([415, "ERR_STORAGE_TYPE_REFUSED"]);
    expect(await storage.exists("k")).toBe(false);
  });

  it("say what is missing, and nothing of what went wrong inside", async () => {
    const storage = await serve();
    expect(await statusOf(await storage.getSignedUrl("no"))).toEqual([
      404,
      "ERR_STORAGE_NOT_FOUND",
    ]);
    class Broken extends MemoryStorageProvider {
      override async getMetadata(): Promise<never> {
        throw new Error("password hunter2");
      }
    }
    storage.registerProvider("broken", new Broken());
    const response = await fetch(await storage.getSignedUrl("k", { provider: "broken" }));
    expect([response.status, response.headers.get("content-type")]).toEqual([
      500,
      "application/problem+json",
    ]);
    expect(await response.text()).not.toContain("hunter2");
  });

  it("do not let what was uploaded act as a page of the site", async () => {
    const storage = await serve();
    await storage.storeFile({
      key: "evil.svg",
      content: "<svg xmlns='http://www.w3.org/2000/svg'/>",
    });
    const response = await fetch(await storage.getSignedUrl("evil.svg"));
    expect(response.headers.get("content-security-policy")).toBe("sandbox");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    await response.text();
  });

  it("answer HEAD without a body", async () => {
    const storage = await serve();
    await storage.storeFile({ key: "k", content: "12345" });
    const response = await fetch(await storage.getSignedUrl("k"), { method: "HEAD" });
    expect([
      response.status,
      response.headers.get("content-length"),
      await response.text(),
    ]).toEqual([200, "5", ""]);
  });

  it("store nothing of an upload that is cut off", async () => {
    const storage = await serve();
    const failed = new Promise((resolve) =>
      storage.subscribe(({ type }) => type === "failed" && resolve(type)),
    );
    const url = await storage.getSignedUrl("k", { operation: "write" });
    const upload = httpRequest(url, { method: "PUT", headers: { "content-length": 1_000_000 } });
    upload.on("error", () => {});
    upload.write(Buffer.alloc(100_000), () => upload.destroy());
    await failed;
    expect(await storage.exists("k")).toBe(false);
  });

  it("take a form only as it was made", async () => {
    const storage = await serve();
    const form = await storage.getUploadForm("k", { maxSize: 10 });
    const post = (body: string | FormData, headers?: Record<string, string>) =>
      statusOf(form.url, { method: "POST", body, ...(headers && { headers }) });
    expect(await post("no form")).toEqual([400, "ERR_STORAGE_FORM"]);
    expect(await post("x", { "content-type": "multipart/form-data" })).toEqual([
      400,
      "ERR_STORAGE_FORM",
    ]);
    const empty = new FormData();
    empty.set("grant", form.fields["grant"]!);
    expect(await post(empty)).toEqual([400, "ERR_STORAGE_FORM"]);
    const behind = new FormData();
    behind.set("file", new Blob(["x"]), "a");
    behind.set("grant", form.fields["grant"]!);
    expect(await post(behind)).toEqual([403, "ERR_STORAGE_SIGNATURE"]);
    expect(await post(formOf(form.fields, "01234567890", "text/plain"))).toEqual([
      413,
      "ERR_STORAGE_TOO_LARGE",
    ]);
    expect(await storage.exists("k")).toBe(false);
    expect(await post(formOf(form.fields, "0123456789", "text/plain"))).toEqual([204, ""]);
  });

  it("need publicUrl and signingKey", async () => {
    const storage = new StorageService({ url: "memory:" });
    services.push(storage);
    await expect(storage.getSignedUrl("k")).rejects.toMatchObject({
      code: "ERR_STORAGE_UNSUPPORTED",
      message: expect.stringContaining("set publicUrl (STORAGE_PUBLIC_URL) and signingKey"),
    });
  });
});

describe("attachment()", () => {
  it.each([
    ["a.pdf", 'attachment; filename="a.pdf"'],
    [
      "Übersicht 1.pdf",
      "attachment; filename=\"_bersicht 1.pdf\"; filename*=UTF-8''%C3%9Cbersicht%201.pdf",
    ],
    ['a"b\r\n.txt', "attachment; filename=\"a_b__.txt\"; filename*=UTF-8''a%22b%0D%0A.txt"],
    ["../x", 'attachment; filename=".._x"'],
    ["it's (1).txt", 'attachment; filename="it\'s (1).txt"'],
    ["é(1)'.txt", "attachment; filename=\"_(1)'.txt\"; filename*=UTF-8''%C3%A9%281%29%27.txt"],
  ])("of %j", (name, expected) => {
    expect(attachment(name)).toBe(expected);
  });

  it("refuses no name", () => {
    expect(() => attachment("")).toThrow("filename must be a non-empty string");
  });
});
