import { DatabaseService } from "@infra/database";
import { StorageService } from "@infra/storage";
import { until } from "@infra/testing";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import type {
  Album,
  Comment,
  Page,
  Photo,
  SearchResult,
  Share,
  SharedAlbum,
} from "../src/contract.js";
import { Purge } from "../src/media/purge.js";
import { AlbumApp } from "./support/album-app.js";
import { engines } from "./support/engines.js";
import { picture } from "./support/files.js";
import type { Visitor } from "./support/visitor.js";

const minuteMs = 60_000;

/** What a search finds: the titles of photos, and of albums. */
async function titles(who: Visitor, q: string): Promise<[string[], string[]]> {
  const { body } = await who.get<SearchResult>(`/api/search?q=${encodeURIComponent(q)}`);
  return [body.photos.map((each) => each.title), body.albums.map((each) => each.title)];
}

/** Uploads a picture, and waits until it is ready. */
async function addPhoto(who: Visitor, albumId: string, name = "sea.jpg"): Promise<Photo> {
  const { body } = await who.upload(albumId, name, await picture(400, 300));
  await until(
    async () => (await who.photos(albumId)).find(({ id }) => id === body.id)?.status === "ready",
    { timeoutMs: minuteMs },
  );
  return (await who.photos(albumId)).find(({ id }) => id === body.id)!;
}

for (const engine of await engines()) {
  const run = engine.missing === undefined ? describe : describe.skip;
  run(`albums, ${engine.title}`, () => {
    let app: AlbumApp;
    let [ada, bob, eve] = [] as unknown as [Visitor, Visitor, Visitor];

    beforeAll(async () => {
      app = new AlbumApp(await engine.env());
      await app.start();
      [ada, bob, eve] = [await app.person("Ada"), await app.person("Bob"), await app.person("Eve")];
    }, 120_000);
    afterAll(async () => {
      await app?.close();
      await engine.close();
    }, 60_000);

    /** Makes Bob a member, by a link. */
    const invite = async (albumId: string): Promise<void> => {
      const { token } = await ada.share(albumId);
      await bob.post(`/api/shared/${token}/join`);
    };

    it("are made, renamed, listed newest first with their covers, deleted and brought back", async () => {
      const first = await ada.album("  Sea ");
      expect(first).toEqual({
        id: expect.any(String),
        title: "Sea",
        role: "owner",
        photoCount: 0,
        cover: null,
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        by: { id: (await ada.me()).account!.id, name: "Ada" },
      });
      const second = await ada.album("Mountains");
      const photo = await addPhoto(ada, first.id);
      const renamed = await ada.patch<Album>(`/api/albums/${first.id}`, { title: "The sea" });
      expect(renamed.body).toMatchObject({
        title: "The sea",
        photoCount: 1,
        cover: { ...photo.sizes.at(-1), colour: photo.colour, placeholder: photo.placeholder },
      });
      const { body: albums } = await ada.get<Album[]>("/api/albums");
      expect(albums.map(({ title }) => title)).toEqual(["Mountains", "The sea"]);
      expect((await ada.post("/api/albums", { title: " " })).status).toBe(400);

      expect((await ada.delete(`/api/albums/${second.id}`)).status).toBe(204);
      expect((await ada.get(`/api/albums/${second.id}`)).status).toBe(404);
      const restored = await ada.post<Album>(`/api/albums/${second.id}/restore`);
      expect(restored).toMatchObject({ status: 200, body: { title: "Mountains" } });
      expect((await ada.post(`/api/albums/${second.id}/restore`)).status).toBe(404);
    }, 120_000);

    it("don't exist for a foreigner; a member may add and comment, and not change what is others'", async () => {
      const { id } = await ada.album("Private");
      const photo = await addPhoto(ada, id);
      for (const path of [
        `/api/albums/${id}`,
        `/api/albums/${id}/photos`,
        `/api/photos/${photo.id}/comments`,
        photo.originalUrl,
        photo.sizes[0]!.url,
      ]) {
        expect([path, (await eve.get(path)).status]).toEqual([path, 404]);
      }
      expect((await app.visitor().get(`/api/albums/${id}`)).status).toBe(401);
      expect((await app.visitor().get(photo.originalUrl)).status).toBe(404);
      for (const answer of [
        await eve.patch(`/api/albums/${id}`, { title: "mine" }),
        await eve.delete(`/api/photos/${photo.id}`),
        await eve.post(`/api/photos/${photo.id}/comments`, { text: "hi" }),
        await eve.post(`/api/albums/${id}/restore`),
      ]) {
        expect(answer.status).toBe(404);
      }

      await invite(id);
      expect((await bob.get<Album>(`/api/albums/${id}`)).body.role).toBe("member");
      const mine = await addPhoto(bob, id, "from_bob.jpg");
      expect(mine.by.name).toBe("Bob");
      for (const answer of [
        await bob.patch(`/api/albums/${id}`, { title: "mine" }),
        await bob.delete(`/api/albums/${id}`),
        await bob.delete(`/api/photos/${photo.id}`),
        await bob.get(`/api/albums/${id}/shares`),
      ]) {
        expect(answer.status).toBe(403);
      }
      const renamed = await bob.patch<Photo>(`/api/photos/${mine.id}`, { title: "Bob's" });
      expect(renamed.body).toMatchObject({ title: "Bob's" });
      expect((await ada.delete(`/api/photos/${mine.id}`)).status).toBe(204);
    }, 120_000);

    it("photos come page by page, oldest first, each once", async () => {
      const { id } = await ada.album("Many");
      const listed: string[] = [];
      for (const name of ["a.jpg", "b.jpg", "c.jpg"]) {
        await ada.upload(id, name, await picture(64, 64));
      }
      let cursor: string | undefined;
      do {
        const after: string = cursor === undefined ? "" : `&cursor=${cursor}`;
        const { body } = await ada.get<Page<Photo>>(`/api/albums/${id}/photos?limit=2${after}`);
        listed.push(...body.items.map(({ title }) => title));
        cursor = body.nextCursor;
      } while (cursor !== undefined);
      expect(listed).toEqual(["a", "b", "c"]);
      for (const query of ["limit=0", "limit=many", "cursor=nonsense"]) {
        expect((await ada.get(`/api/albums/${id}/photos?${query}`)).status).toBe(400);
      }
    }, 120_000);

    it("what was deleted can be brought back, until it is purged with its files", async () => {
      const { id } = await ada.album("Purged");
      const [kept, gone] = [await addPhoto(ada, id), await addPhoto(ada, id)];
      const storage = app.demo.container.get(StorageService);
      const files = async (photoId: string): Promise<number> =>
        (await storage.list({ prefix: `photos/${photoId}/` })).files.length;

      for (const photo of [kept, gone]) await ada.delete(`/api/photos/${photo.id}`);
      expect(await ada.photos(id)).toEqual([]);
      expect((await ada.get(gone.sizes[0]!.url)).status).toBe(404);
      const undone = await ada.post<Photo>(`/api/photos/${kept.id}/restore`);
      expect(undone).toMatchObject({ status: 200, body: { id: kept.id, status: "ready" } });
      expect((await ada.get(kept.sizes[0]!.url)).status).toBe(200);

      const purge = app.demo.container.get(Purge);
      await purge.photos(Date.now() + 9 * minuteMs);
      expect(await files(gone.id)).toBeGreaterThan(1);
      await purge.photos(Date.now() + 11 * minuteMs);
      expect(await files(gone.id)).toBe(0);
      expect(await files(kept.id)).toBeGreaterThan(1);
      expect((await ada.post(`/api/photos/${gone.id}/restore`)).status).toBe(404);

      // an album goes with all that is in it
      await ada.delete(`/api/albums/${id}`);
      await purge.photos(Date.now() + 11 * minuteMs);
      expect(await files(kept.id)).toBe(0);
      const database = app.demo.container.get(DatabaseService);
      expect(await database.table("albums").where({ id })).toEqual([]);
    }, 120_000);

    it("comments are read by who belongs to the album, and taken back by who made them", async () => {
      const { id } = await ada.album("Talk");
      const photo = await addPhoto(ada, id);
      await invite(id);
      const path = `/api/photos/${photo.id}/comments`;
      const { status, body: said } = await bob.post<Comment>(path, { text: " Lovely! " });
      expect([status, said]).toEqual([
        201,
        {
          id: expect.any(String),
          photoId: photo.id,
          text: "Lovely!",
          createdAt: expect.any(String),
          by: { id: (await bob.me()).account!.id, name: "Bob" },
        },
      ]);
      await ada.post(path, { text: "Thank you" });
      expect((await ada.get<Comment[]>(path)).body.map(({ text }) => text)).toEqual([
        "Lovely!",
        "Thank you",
      ]);
      expect((await ada.photos(id))[0]!.comments).toBe(2);
      const [, thanks] = (await ada.get<Comment[]>(path)).body;
      expect((await bob.delete(`/api/comments/${thanks!.id}`)).status).toBe(403);
      expect((await eve.delete(`/api/comments/${thanks!.id}`)).status).toBe(404);
      expect((await ada.delete(`/api/comments/${said.id}`)).status).toBe(204);
      expect((await ada.post(path, { text: "" })).status).toBe(400);
    }, 120_000);

    it("a share link shows the album to anybody, until it expires or is ended", async () => {
      const { id } = await ada.album("Shared");
      const photo = await addPhoto(ada, id);
      const link = await ada.share(id);
      expect(link.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/shared\/shr_[\w-]{30,}$/);
      const visitor = app.visitor();
      const { body } = await visitor.get<SharedAlbum>(`/api/shared/${link.token}`);
      expect(body).toEqual({
        album: expect.objectContaining({ id, title: "Shared", photoCount: 1 }),
        photos: { items: [photo] },
        expiresAt: link.expiresAt,
        member: false,
      });
      const shown = `${photo.sizes[0]!.url}?share=${link.token}`;
      expect((await visitor.get(shown)).status).toBe(200);
      expect((await visitor.get(`${photo.sizes[0]!.url}?share=shr_guess`)).status).toBe(404);
      const other = await addPhoto(ada, (await ada.album("Other")).id);
      expect((await visitor.get(`${other.originalUrl}?share=${link.token}`)).status).toBe(404);
      expect((await visitor.post(`/api/shared/${link.token}/join`)).status).toBe(401);

      // only a hash of it is kept, and the list does not show it
      const { body: links } = await ada.get<Share[]>(`/api/albums/${id}/shares`);
      expect(links).toEqual([
        { id: link.id, createdAt: link.createdAt, expiresAt: link.expiresAt },
      ]);
      const second = await ada.share(id);
      expect((await ada.delete(`/api/shares/${second.id}`)).status).toBe(204);
      expect((await visitor.get(`/api/shared/${second.token}`)).body).toEqual({
        album: null,
        reason: "unknown",
      });

      const third = await ada.share(id);
      const database = app.demo.container.get(DatabaseService);
      await database
        .table("shares")
        .where({ id: third.id })
        .update({ expires_at: new Date(0) });
      expect(await visitor.get(`/api/shared/${third.token}`)).toMatchObject({
        status: 200,
        body: { album: null, reason: "expired" },
      });
      expect((await visitor.get(`${photo.originalUrl}?share=${third.token}`)).status).toBe(404);
      expect((await bob.post(`/api/shared/${third.token}/join`)).status).toBe(403);

      await ada.delete(`/api/albums/${id}`);
      expect((await visitor.get(shown)).status).toBe(404);
      expect((await visitor.get(`/api/shared/${link.token}`)).body).toMatchObject({ album: null });
    }, 120_000);

    it("search finds titles by the beginnings of words, and only what one may see", async () => {
      const { id } = await ada.album("Zanzibar journey");
      const photo = await addPhoto(ada, id, "zanzibar-beach_01.jpg");
      expect(await titles(ada, "zanz")).toEqual([["zanzibar beach 01"], ["Zanzibar journey"]]);
      expect(await titles(ada, "BEA zanzibar")).toEqual([["zanzibar beach 01"], []]);
      expect(await titles(ada, "'); drop table photos; --")).toEqual([[], []]);
      expect(await titles(ada, " ")).toEqual([[], []]);
      expect(await titles(eve, "zanzibar")).toEqual([[], []]);
      await invite(id);
      expect(await titles(bob, "zanzibar")).toEqual([["zanzibar beach 01"], ["Zanzibar journey"]]);
      await ada.delete(`/api/photos/${photo.id}`);
      expect(await titles(ada, "zanzibar")).toEqual([[], ["Zanzibar journey"]]);
    }, 120_000);
  });
}
