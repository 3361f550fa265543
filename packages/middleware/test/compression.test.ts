import { Readable } from "node:stream";
import { brotliCompressSync, brotliDecompressSync, deflateSync, Gunzip, gzipSync } from "node:zlib";

import { compression, type CompressionOptions } from "@infra/middleware/compression";
import { errorHandler } from "@infra/middleware/error-handler";
import { limits } from "@infra/middleware/limits";
import { describe, expect, it, jest } from "@jest/globals";
import { fastify } from "fastify";

function createApp(options: CompressionOptions = {}) {
  const app = fastify({ bodyLimit: 1024 * 1024 });
  app.register(errorHandler);
  app.register(limits);
  app.register(compression, options);
  app.after(() => {
    app.get("/large", () => ({ text: "x".repeat(5000) }));
    app.get("/small", () => ({ text: "x" }));
    app.get("/events", (_request, reply) =>
      reply.type("text/event-stream").send(`data: ${"x".repeat(5000)}\n\n`),
    );
    app.post("/", ({ body }) => ({ got: JSON.stringify(body).length }));
  });
  return app;
}

const post = (app: ReturnType<typeof createApp>, payload: Buffer, encoding: string) =>
  app.inject({
    method: "POST",
    url: "/",
    payload,
    headers: { "content-type": "application/json", "content-encoding": encoding },
  });

describe("compression", () => {
  it("compresses what is worth it, and no events", async () => {
    const app = createApp();
    const headers = { "accept-encoding": "gzip, br" };
    const large = await app.inject({ url: "/large", headers });

    expect(large.headers).toMatchObject({ "content-encoding": "br", vary: "accept-encoding" });
    expect(JSON.parse(brotliDecompressSync(large.rawPayload).toString()).text).toHaveLength(5000);
    for (const url of ["/small", "/events"]) {
      expect((await app.inject({ url, headers })).headers["content-encoding"]).toBeUndefined();
    }
  });

  it("reads compressed bodies only where that is asked for", async () => {
    const payload = gzipSync('{"a":1}');
    const refused = await post(createApp(), payload, "gzip");

    expect(refused.statusCode).toBe(415);
    expect(refused.json()).toMatchObject({ code: "ERR_MIDDLEWARE_UNSUPPORTED_ENCODING" });
    const app = createApp({ requestEncodings: ["gzip", "br", "deflate"] });
    expect((await post(app, payload, "gzip")).json()).toEqual({ got: 7 });
    expect((await post(app, deflateSync('{"a":1}'), "deflate")).json()).toEqual({ got: 7 });
    expect((await post(app, brotliCompressSync('{"a":1}'), "br")).json()).toEqual({ got: 7 });
    expect((await post(app, payload, "zstd")).statusCode).toBe(415);
    expect((await post(app, payload, "gzip, gzip")).statusCode).toBe(415);
  });

  it("Trap: a bomb is refused before it has gone off", async () => {
    const bomb = gzipSync(Buffer.alloc(40 * 1024 * 1024, 32), { level: 1 });
    const app = createApp({ requestEncodings: ["gzip"] });
    let inflatedBytes = 0;
    const inflaters = new Set<Readable>();
    const push = jest.spyOn(Gunzip.prototype, "push").mockImplementation(function (
      this: Readable,
      chunk: Buffer | null,
    ) {
      inflatedBytes += chunk?.length ?? 0;
      inflaters.add(this);
      return Readable.prototype.push.call(this, chunk);
    });
    const response = await post(app, bomb, "gzip");
    // what goes on after the answer counts too
    while ([...inflaters].some((each) => !each.destroyed)) await new Promise(setImmediate);
    push.mockRestore();

    expect(bomb.length).toBeLessThan(1024 * 1024);
    expect(response.statusCode).toBe(413);
    expect(response.json()).toMatchObject({ detail: "the body is larger than 1048576 bytes" });
    expect(inflatedBytes).toBeGreaterThan(1024 * 1024);
    expect(inflatedBytes).toBeLessThan(2 * 1024 * 1024);
  }, 30_000);

  it("answers what can't be inflated with 400", async () => {
    const app = createApp({ requestEncodings: ["gzip"] });

    expect((await post(app, Buffer.from("no gzip"), "gzip")).statusCode).toBe(400);
  });

  it("refuses encodings that are none", async () => {
    await expect(createApp({ encodings: ["lzma" as never] }).ready()).rejects.toThrow(
      "encodings are br, gzip and deflate, got lzma",
    );
  });
});
