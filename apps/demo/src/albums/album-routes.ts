import { z } from "zod";

import { Live } from "../live/live.js";
import type { AppRoutes } from "../routes.js";
import { AlbumAccess } from "./album-access.js";
import { Albums } from "./albums.js";

const AlbumId = z.object({ id: z.uuid() });
const AlbumInput = z.object({ title: z.string().trim().min(1).max(120) });

/** Albums over HTTP. */
export const addAlbumRoutes: AppRoutes = (routes, container) => {
  const [access, albums] = [container.get(AlbumAccess), container.get(Albums)];
  const live = container.get(Live);

  routes.get("/api/albums", async ({ principal }) => albums.of(principal!.id));

  routes.post("/api/albums", { schema: { body: AlbumInput } }, async ({ principal, body }, reply) =>
    reply.code(201).send(await albums.create(principal!.id, body.title)),
  );

  routes.get("/api/albums/:id", { schema: { params: AlbumId } }, async ({ principal, params }) =>
    albums.get(params.id, principal!.id),
  );

  routes.patch(
    "/api/albums/:id",
    { schema: { params: AlbumId, body: AlbumInput } },
    async ({ principal, params: { id }, body: { title } }) => {
      await access.check(principal, "album.change", { albumId: id });
      await albums.rename(id, title);
      await live.tell(id, { kind: "album", title, deleted: false });
      return await albums.get(id, principal!.id);
    },
  );

  routes.delete(
    "/api/albums/:id",
    { schema: { params: AlbumId } },
    async ({ principal, params: { id } }, reply) => {
      await access.check(principal, "album.delete", { albumId: id });
      const { title } = await albums.get(id, principal!.id);
      await albums.delete(id);
      await access.changed(id);
      await live.tell(id, { kind: "album", title, deleted: true });
      return reply.code(204).send();
    },
  );

  routes.post(
    "/api/albums/:id/restore",
    { schema: { params: AlbumId } },
    async ({ principal, params: { id } }) => {
      await albums.restore(id, principal!.id);
      await access.changed(id);
      const album = await albums.get(id, principal!.id);
      await live.tell(id, { kind: "album", title: album.title, deleted: false });
      return album;
    },
  );
};
