import { ConflictError } from "@infra/errors";
import { JobsService } from "@infra/jobs";
import { z } from "zod";

import { AlbumAccess } from "../albums/album-access.js";
import { Live } from "../live/live.js";
import { processingOf } from "../media/jobs.js";
import { MediaAccess } from "../media/media-access.js";
import type { AppRoutes } from "../routes.js";
import { Photos } from "./photos.js";

const Id = z.object({ id: z.uuid() });
/** How a list of photos is asked for. */
export const PageQuery = z.object({
  cursor: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(60),
});

/** Photos over HTTP. Whoever made one may change it, and so may the owner of its album. */
export const addPhotoRoutes: AppRoutes = (routes, container) => {
  const [access, photos] = [container.get(AlbumAccess), container.get(Photos)];
  const [jobs, live, media] = [
    container.get(JobsService),
    container.get(Live),
    container.get(MediaAccess),
  ];
  const action = "album.photo.change";

  routes.get(
    "/api/albums/:id/photos",
    { schema: { params: Id, querystring: PageQuery } },
    async ({ principal, params: { id }, query }) => {
      await access.check(principal, "album.read", { albumId: id });
      return await photos.page(id, query.limit, query.cursor);
    },
  );

  routes.patch(
    "/api/photos/:id",
    { schema: { params: Id, body: z.object({ title: z.string().trim().min(1).max(200) }) } },
    async ({ principal, params: { id }, body }) => {
      const { albumId, by } = await photos.get(id);
      await access.check(principal, action, { albumId, byId: by.id });
      await photos.change(id, body);
      return await live.photo(id);
    },
  );

  routes.delete(
    "/api/photos/:id",
    { schema: { params: Id } },
    async ({ principal, params: { id } }, reply) => {
      const { albumId, by } = await photos.get(id);
      await access.check(principal, action, { albumId, byId: by.id });
      await photos.change(id, { deleted_at: new Date() });
      await media.changed(id);
      await live.tell(albumId, { kind: "photo-removed", photoId: id });
      return reply.code(204).send();
    },
  );

  routes.post(
    "/api/photos/:id/restore",
    { schema: { params: Id } },
    async ({ principal, params: { id } }) => {
      const deleted = await photos.deleted(id);
      await access.check(principal, action, deleted);
      await photos.change(id, { deleted_at: null });
      await media.changed(id);
      return await live.photo(id);
    },
  );

  routes.post(
    "/api/photos/:id/retry",
    { schema: { params: Id } },
    async ({ principal, params: { id } }) => {
      const { albumId, by, kind } = await photos.get(id);
      await access.check(principal, action, { albumId, byId: by.id });
      if (!(await photos.retry(id))) throw new ConflictError("the photo has not failed");
      await jobs.enqueue(processingOf(kind), { photoId: id });
      return await live.photo(id);
    },
  );
};
