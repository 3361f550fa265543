import { JobsService } from "@infra/jobs";
import { StorageService } from "@infra/storage";
import { until } from "@infra/testing";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import sharp from "sharp";

import type { Photo, Upload } from "../src/contract.js";
import { AlbumApp } from "./support/album-app.js";
import { engines } from "./support/engines.js";
import { picture } from "./support/files.js";
import type { Visitor } from "./support/visitor.js";

for (const engine of await engines()) {
  const run = engine.missing === undefined ? describe : describe.skip;
  run(`uploads, ${engine.title}`, () => {
    let app: AlbumApp;
    let ada: Visitor;
    let albumId: string;

    beforeAll(async () => {
      app = new AlbumApp({ ...(await engine.env()), UPLOAD_PART_SIZE: "64kb" });
      await app.start();
      ada = await app.person("ada");
      albumId = (await ada.album("Sea")).id;
    }, 120_000);
    afterAll(async () => {
      await app?.close();
      await engine.close();
    }, 60_000);

    const ready = async (id: string): Promise<Photo> => {
      let photo: Photo | undefined;
      await until(
        async () => {
          photo = (await ada.photos(albumId)).find((each) => each.id === id);
          return photo !== undefined && photo.status !== "processing";
        },
        { timeoutMs: 60_000 },
      );
      return photo!;
    };
    const begin = async (bytes: Buffer, name = "beach_sunset-1.jpg", type = "image/jpeg") =>
      (await ada.post<Upload>("/api/uploads", { albumId, name, size: bytes.length, type })).body;

    it("a picture is ready in the background, in several sizes, each fetched with its ETag and its ranges", async () => {
      const bytes = await picture(900, 600);
      const { status, body } = await ada.upload(albumId, "beach_sunset-1.jpg", bytes);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        albumId,
        kind: "image",
        title: "beach sunset 1",
        status: "processing",
        width: 900,
        height: 600,
        by: { name: "ada" },
      });
      const photo = await ready(body.id);
      expect(photo).toMatchObject({ status: "ready", width: 900, height: 600 });
      expect(photo.sizes.map(({ width, height, type }) => [width, height, type])).toEqual([
        [320, 213, "image/webp"],
        [640, 427, "image/webp"],
        [900, 600, "image/webp"],
      ]);
      expect(photo.placeholder).toMatch(/^data:image\//);
      expect(photo.colour).toMatch(/^#[0-9a-f]{6}$/);

      const small = await fetch(new URL(photo.sizes[0]!.url, app.url), {
        headers: { cookie: ada.cookie },
      });
      expect(small.status).toBe(200);
      expect(small.headers.get("cache-control")).toBe("private, max-age=31536000, immutable");
      expect(await sharp(Buffer.from(await small.arrayBuffer())).metadata()).toMatchObject({
        format: "webp",
        width: 320,
      });
      const cookie = ada.cookie;
      const original = new URL(photo.originalUrl, app.url);
      const part = await fetch(original, { headers: { cookie, range: "bytes=0-9" } });
      expect([part.status, part.headers.get("content-range")]).toEqual([
        206,
        `bytes 0-9/${bytes.length}`,
      ]);
      expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(0, 10));
      const etag = part.headers.get("etag")!;
      const known = await ada.request(photo.originalUrl, {
        headers: { "if-none-match": etag, "cache-control": "max-age=0" },
      });
      expect(known.status).toBe(304);
    }, 120_000);

    it("goes on after parts that were lost, in any order, each again if need be", async () => {
      const bytes = await picture(700, 500);
      const upload = await begin(bytes);
      const parts = Math.ceil(bytes.length / upload.partSize);
      expect(parts).toBeGreaterThan(2);
      // out of order, one of them twice, and the first not at all
      for (const part of [parts - 1, 1, 1]) {
        expect((await ada.putPart(upload, part, bytes)).status).toBe(204);
      }
      const missing = await ada.post(`/api/uploads/${upload.id}/complete`);
      expect(missing).toMatchObject({ status: 409, body: { code: "ERR_UPLOAD_INCOMPLETE" } });

      // the page was reloaded: the server knows what is there
      const { body: state } = await ada.get<Upload>(`/api/uploads/${upload.id}`);
      expect(state).toEqual({ ...upload, received: [1, parts - 1] });
      for (let part = 0; part < parts; part++) {
        if (!state.received.includes(part)) await ada.putPart(upload, part, bytes);
      }
      const { body: photo } = await ada.post<Photo>(`/api/uploads/${upload.id}/complete`);
      expect(photo).toMatchObject({ id: upload.id, width: 700 });
      // the answer was lost, and is asked for again: one photo
      const again = await ada.post<Photo>(`/api/uploads/${upload.id}/complete`);
      expect([again.status, again.body.id]).toEqual([200, photo.id]);
      const original = await fetch(new URL(photo.originalUrl, app.url), {
        headers: { cookie: ada.cookie },
      });
      expect(Buffer.from(await original.arrayBuffer()).equals(bytes)).toBe(true);
      const storage = app.demo.container.get(StorageService);
      expect((await storage.list({ prefix: `uploads/${upload.id}/` })).files).toEqual([]);
      expect((await ready(photo.id)).status).toBe("ready");
    }, 120_000);

    it("a part of another length, or that there is not, is refused, and nothing is kept of it", async () => {
      const bytes = await picture(700, 500);
      const upload = await begin(bytes);
      const path = `/api/uploads/${upload.id}/parts`;
      expect((await ada.change("PUT", `${path}/0`, bytes.subarray(0, 10))).status).toBe(400);
      expect(
        (await ada.change("PUT", `${path}/0`, bytes.subarray(0, upload.partSize + 1))).status,
      ).toBe(400);
      expect((await ada.change("PUT", `${path}/999`, bytes.subarray(0, 10))).status).toBe(400);
      const { body } = await ada.get<Upload>(`/api/uploads/${upload.id}`);
      expect(body.received).toEqual([]);
      expect((await ada.delete(`/api/uploads/${upload.id}`)).status).toBe(204);
      expect((await ada.get(`/api/uploads/${upload.id}`)).status).toBe(404);
    });

    it("is judged by content: a page that is called a picture is refused, and leaves nothing", async () => {
      const page = Buffer.from("<!doctype html><script>alert(1)</script>".padEnd(200, " "));
      const answer = await ada.upload(albumId, "photo.jpg", page);
      expect(answer).toMatchObject({ status: 415, body: { code: "ERR_STORAGE_TYPE_REFUSED" } });
      const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>');
      expect((await ada.upload(albumId, "x.png", svg, "image/png")).status).toBe(415);
      const huge = { albumId, name: "huge.jpg", size: 41 * 1024 ** 2, type: "image/jpeg" };
      expect(await ada.post("/api/uploads", huge)).toMatchObject({
        status: 413,
        body: { code: "ERR_UPLOAD_TOO_LARGE", detail: expect.stringContaining("40 MB") },
      });
    });

    it("what can't be decoded fails with a reason, and is tried again when asked to", async () => {
      const whole = await picture(800, 600);
      const { body } = await ada.upload(albumId, "torn.jpg", whole.subarray(0, whole.length / 3));
      const failed = await ready(body.id);
      expect(failed).toMatchObject({ status: "failed", failure: expect.stringMatching(/\w/) });
      const retried = await ada.post<Photo>(`/api/photos/${body.id}/retry`);
      expect(retried.body).toMatchObject({ status: "processing" });
      expect(retried.body.failure).toBeUndefined();
      expect((await ready(body.id)).status).toBe("failed");
      const jobs = app.demo.container.get(JobsService);
      expect((await jobs.admin.deadLetters()).map(({ name }) => name)).toContain("photo.process");
      const other = (await ada.photos(albumId)).find(({ status }) => status === "ready");
      expect((await ada.post(`/api/photos/${other!.id}/retry`)).status).toBe(409);
    }, 120_000);

    it("is nobody else's", async () => {
      const bytes = await picture(300, 200);
      const upload = await begin(bytes);
      const eve = await app.person("eve");
      expect((await eve.get(`/api/uploads/${upload.id}`)).status).toBe(404);
      expect((await eve.putPart(upload, 0, bytes)).status).toBe(404);
      expect((await eve.post(`/api/uploads/${upload.id}/complete`)).status).toBe(404);
      const into = { albumId, name: "x.jpg", size: 10, type: "image/jpeg" };
      expect((await eve.post("/api/uploads", into)).status).toBe(404);
    });
  });
}
