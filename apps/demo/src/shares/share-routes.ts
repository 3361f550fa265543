import { ConfigService } from "@infra/config";
import { ForbiddenError, NotFoundError } from "@infra/errors";
import { ServerManager } from "@infra/server";
import { z } from "zod";

import { AlbumAccess } from "../albums/album-access.js";
import { Albums } from "../albums/albums.js";
import { appConfig } from "../app-config.js";
import { shareLifetimes, type NewShare, type SharedAlbum } from "../contract.js";
import { PageQuery } from "../photos/photo-routes.js";
import { Photos } from "../photos/photos.js";
import type { AppRoutes } from "../routes.js";
import { Shares } from "./shares.js";

const Id = z.object({ id: z.uuid() });
const Token = z.object({ token: z.string().max(100) });

/** Share links: made and ended by the owner of an album, opened by anybody. */
export const addShareRoutes: AppRoutes = (routes, container) => {
  const [access, albums] = [container.get(AlbumAccess), container.get(Albums)];
  const [photos, shares] = [container.get(Photos), container.get(Shares)];
  const { publicUrl } = container.get(ConfigService).section(appConfig);

  routes.get("/api/albums/:id/shares", { schema: { params: Id } }, async (request) => {
    const { principal, params } = request;
    await access.check(principal, "album.share", { albumId: params.id });
    return await shares.of(params.id);
  });

  routes.post(
    "/api/albums/:id/shares",
    { schema: { params: Id, body: z.object({ expiresIn: z.enum(shareLifetimes) }) } },
    async ({ principal, params, body }, reply) => {
      await access.check(principal, "album.share", { albumId: params.id });
      const { token, ...share } = await shares.create(params.id, body.expiresIn);
      const origin = publicUrl ?? container.get(ServerManager).url!;
      const made: NewShare = { ...share, url: new URL(`/shared/${token}`, origin).href };
      return reply.code(201).send(made);
    },
  );

  routes.delete(
    "/api/shares/:id",
    { schema: { params: Id } },
    async ({ principal, params: { id } }, reply) => {
      const albumId = await shares.albumOf(id);
      if (albumId === undefined) throw new NotFoundError("there is no such link");
      await access.check(principal, "album.share", { albumId });
      await shares.delete(id);
      return reply.code(204).send();
    },
  );

  routes.get(
    "/api/shared/:token",
    {
      config: { authentication: "optional" },
      schema: { params: Token, querystring: PageQuery },
    },
    async ({ principal, params: { token }, query }): Promise<SharedAlbum> => {
      const share = await shares.find(token);
      if (!share.found) return { album: null, reason: share.reason };
      const { role: _, ...album } = await albums.get(share.albumId, share.ownerId);
      return {
        album,
        photos: await photos.page(share.albumId, query.limit, query.cursor),
        expiresAt: share.expiresAt.toISOString(),
        member: (await access.role(principal, share.albumId)) !== undefined,
      };
    },
  );

  routes.post(
    "/api/shared/:token/join",
    { schema: { params: Token } },
    async ({ principal, params: { token } }) => {
      const share = await shares.find(token);
      if (!share.found) throw new ForbiddenError("the link does not hold any more");
      await albums.join(share.albumId, principal!.id);
      await access.changed(share.albumId);
      return await albums.get(share.albumId, principal!.id);
    },
  );
};
