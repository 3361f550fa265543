import { z } from "zod";

import { AlbumAccess } from "../albums/album-access.js";
import { Live } from "../live/live.js";
import { Photos } from "../photos/photos.js";
import type { AppRoutes } from "../routes.js";
import { Comments } from "./comments.js";

const Id = z.object({ id: z.uuid() });

/** What is said of a photo. Whoever said it may take it back, and so may the owner of the album. */
export const addCommentRoutes: AppRoutes = (routes, container) => {
  const [access, comments] = [container.get(AlbumAccess), container.get(Comments)];
  const [live, photos] = [container.get(Live), container.get(Photos)];

  routes.get(
    "/api/photos/:id/comments",
    { schema: { params: Id } },
    async ({ principal, params: { id } }) => {
      const { albumId } = await photos.get(id);
      await access.check(principal, "album.read", { albumId });
      return await comments.of(id);
    },
  );

  routes.post(
    "/api/photos/:id/comments",
    { schema: { params: Id, body: z.object({ text: z.string().trim().min(1).max(2_000) }) } },
    async ({ principal, params: { id }, body }, reply) => {
      const { albumId } = await photos.get(id);
      await access.check(principal, "album.comment", { albumId });
      const comment = await comments.add(id, principal!.id, body.text);
      const { comments: count } = await photos.get(id);
      await live.tell(albumId, { kind: "comment", comment, comments: count });
      return reply.code(201).send(comment);
    },
  );

  routes.delete(
    "/api/comments/:id",
    { schema: { params: Id } },
    async ({ principal, params: { id } }, reply) => {
      const { photoId, by } = await comments.get(id);
      const { albumId } = await photos.get(photoId);
      await access.check(principal, "album.comment.delete", { albumId, byId: by.id });
      await comments.delete(id);
      const { comments: count } = await photos.get(photoId);
      await live.tell(albumId, {
        kind: "comment-removed",
        commentId: id,
        photoId,
        comments: count,
      });
      return reply.code(204).send();
    },
  );
};
