import { PubSubClient } from "@infra/pubsub/client";
import { StorageService } from "@infra/storage";
import { until } from "@infra/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";

import { adminTopic, albumTopic, type AlbumEvent, type Comment } from "../src/contract.js";
import { AlbumApp } from "./support/album-app.js";
import { engines } from "./support/engines.js";
import { clip, picture } from "./support/files.js";
import type { Visitor } from "./support/visitor.js";

const denied = { code: "ERR_PUBSUB_TOPIC_DENIED" };

/** What is told of an album from now on. */
async function listen(client: PubSubClient, albumId: string): Promise<AlbumEvent[]> {
  const events: AlbumEvent[] = [];
  await client.subscribe<AlbumEvent>(albumTopic(albumId), (event) => void events.push(event));
  return events;
}

const isDone = (event: AlbumEvent): boolean =>
  event.kind === "photo" && event.photo.status !== "processing";

for (const engine of await engines()) {
  const run = engine.missing === undefined ? describe : describe.skip;
  run(`live, ${engine.title}`, () => {
    let app: AlbumApp;
    let ada: Visitor;
    const clients: PubSubClient[] = [];

    beforeAll(async () => {
      app = new AlbumApp(await engine.env());
      await app.start();
      ada = await app.person("Ada");
    }, 120_000);
    afterEach(async () => {
      for (const client of clients.splice(0)) await client.close();
    });
    afterAll(async () => {
      await app?.close();
      await engine.close();
    }, 60_000);

    /** A page of somebody who is logged in, or came by a link. */
    const page = (who: Visitor, token?: string): PubSubClient => {
      const client = new PubSubClient({
        url: app.url,
        ...(token !== undefined && { token }),
        socketOptions: { extraHeaders: { cookie: who.cookie } },
      });
      clients.push(client);
      return client;
    };
    it("tells of a photo when it comes, when it is ready, and of all that becomes of it", async () => {
      const { id } = await ada.album("Live");
      const events = await listen(page(ada), id);
      const { body: photo } = await ada.upload(id, "sea.jpg", await picture(500, 300));
      await until(
        () => events.some((each) => each.kind === "photo" && each.photo.status === "ready"),
        {
          timeoutMs: 60_000,
        },
      );
      expect(events[0]).toMatchObject({ kind: "photo", photo: { id: photo.id } });
      const shown = events.find((each) => each.kind === "photo" && each.photo.status === "ready");
      expect(shown).toEqual({ kind: "photo", photo: (await ada.photos(id))[0] });

      events.length = 0;
      const path = `/api/photos/${photo.id}`;
      const { body: comment } = await ada.post<Comment>(`${path}/comments`, { text: "hello" });
      await ada.delete(`/api/comments/${comment.id}`);
      await ada.patch(path, { title: "The sea" });
      await ada.delete(path);
      await ada.post(`${path}/restore`);
      await ada.patch(`/api/albums/${id}`, { title: "Alive" });
      await until(() => events.length >= 6);
      expect(events).toEqual([
        { kind: "comment", comment, comments: 1 },
        { kind: "comment-removed", commentId: comment.id, photoId: photo.id, comments: 0 },
        { kind: "photo", photo: expect.objectContaining({ title: "The sea" }) },
        { kind: "photo-removed", photoId: photo.id },
        { kind: "photo", photo: expect.objectContaining({ id: photo.id }) },
        { kind: "album", title: "Alive", deleted: false },
      ]);
    }, 120_000);

    it("is for members and whoever has the link; others hear nothing, and nobody may speak", async () => {
      const { id } = await ada.album("Closed");
      const eve = await app.person("Eve");
      await expect(listen(page(eve), id)).rejects.toMatchObject(denied);
      await expect(page(app.visitor()).connected()).rejects.toMatchObject({
        code: "ERR_PUBSUB_CREDENTIAL",
      });
      await expect(page(ada).publish(albumTopic(id), "forged")).rejects.toMatchObject(denied);
      await expect(page(eve).subscribe(adminTopic, () => {})).rejects.toMatchObject(denied);
      await page(ada).subscribe(adminTopic, () => {});

      const link = await ada.share(id);
      const visitor = page(app.visitor(), link.token);
      const events = await listen(visitor, id);
      await ada.patch(`/api/albums/${id}`, { title: "Open" });
      await until(() => events.length === 1);
      const other = await ada.album("Other");
      await expect(listen(visitor, other.id)).rejects.toMatchObject(denied);
      await ada.delete(`/api/shares/${link.id}`);
      await until(() => visitor.state === "closed");
    }, 60_000);

    it("shows who is there, and forgets who logs out", async () => {
      const { id } = await ada.album("Together");
      const bob = await app.person("Bob");
      await bob.post(`/api/shared/${(await ada.share(id)).token}/join`);
      let names: string[] = [];
      await page(ada).subscribe(albumTopic(id), () => {}, {
        presence: { name: "Ada" },
        onPresence: (members) => {
          names = members.map(({ data }) => (data as { name: string }).name).toSorted();
        },
      });
      const second = page(bob);
      await second.subscribe(albumTopic(id), () => {}, {
        presence: { name: "Bob" },
        onPresence: () => {},
      });
      await until(() => names.join() === "Ada,Bob");
      await bob.delete("/api/sessions/current");
      await until(() => second.state === "closed");
      expect(await until(() => names.join() === "Ada")).toBe(true);
    }, 60_000);

    it("a video becomes a poster and a clip that plays in parts", async () => {
      const { id } = await ada.album("Moving");
      const events = await listen(page(ada), id);
      const { status, body } = await ada.upload(
        id,
        "clip.mov",
        await clip(app.folder),
        "video/quicktime",
      );
      expect([status, body.kind, body.status]).toEqual([200, "video", "processing"]);
      await until(() => events.some(isDone), { timeoutMs: 100_000 });
      const [photo] = await ada.photos(id);
      expect(photo).toMatchObject({
        status: "ready",
        width: 640,
        height: 360,
        video: { url: `/media/${body.id}/video`, type: "video/mp4" },
        sizes: [{ width: 320 }, { width: 640 }],
      });
      expect(photo!.video!.durationMs).toBeGreaterThan(1_500);
      const part = await fetch(new URL(photo!.video!.url, app.url), {
        headers: { cookie: ada.cookie, range: "bytes=0-99" },
      });
      expect([part.status, part.headers.get("content-type")]).toEqual([206, "video/mp4"]);
      expect((await part.arrayBuffer()).byteLength).toBe(100);
    }, 120_000);
  });
}

describe("without ffmpeg", () => {
  const app = new AlbumApp({ FFMPEG_PATH: "/nowhere/ffmpeg" });
  beforeAll(() => app.start(), 60_000);
  afterAll(() => app.close(), 60_000);

  it("a video is refused with the reason, before it is sent and by what it is; pictures are taken", async () => {
    const ada = await app.person("Ada");
    expect((await ada.me()).limits.videos).toBe(false);
    const { id } = await ada.album("Still");
    const refused = {
      status: 415,
      body: { code: "ERR_UPLOAD_NO_VIDEOS", detail: expect.stringContaining("ffmpeg") },
    };
    const film = Buffer.concat([
      Buffer.from("\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "latin1"),
      Buffer.alloc(500),
    ]);
    expect(await ada.upload(id, "clip.mp4", film, "video/mp4")).toMatchObject(refused);
    expect(await ada.upload(id, "photo.jpg", film)).toMatchObject(refused);
    expect(await ada.photos(id)).toEqual([]);
    const storage = app.demo.container.get(StorageService);
    expect((await storage.list({ prefix: "photos/" })).files).toEqual([]);
    expect((await ada.upload(id, "photo.jpg", await picture(50, 50))).status).toBe(200);
  }, 60_000);
});
