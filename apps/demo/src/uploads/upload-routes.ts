import type { Readable } from "node:stream";

import { ConfigService } from "@infra/config";
import { NotFoundError } from "@infra/errors";
import { z } from "zod";

import { AlbumAccess } from "../albums/album-access.js";
import { appConfig } from "../app-config.js";
import { Photos } from "../photos/photos.js";
import type { AppRoutes } from "../routes.js";
import { Completion } from "./completion.js";
import { Uploads } from "./uploads.js";

const Id = z.object({ id: z.uuid() });
const Part = z.object({ id: z.uuid(), part: z.coerce.number().int().min(0).max(999_999) });
const UploadInput = z.object({
  albumId: z.uuid(),
  name: z.string().min(1).max(255),
  size: z.number().int().min(1),
  type: z.string().max(100),
});

/** Uploads in parts, in any order, each again if need be. */
export const addUploadRoutes: AppRoutes = (routes, container) => {
  const [access, uploads] = [container.get(AlbumAccess), container.get(Uploads)];
  const [completion, photos] = [container.get(Completion), container.get(Photos)];
  const { partSize } = container.get(ConfigService).section(appConfig);

  // handed on as it comes in, not read into memory
  routes.fastify.addContentTypeParser("application/octet-stream", (_request, body, done) =>
    done(null, body),
  );

  routes.post("/api/uploads", { schema: { body: UploadInput } }, async (request, reply) => {
    const { principal, body } = request;
    await access.check(principal, "album.upload", body);
    return reply.code(201).send(await uploads.begin(principal!.id, body));
  });

  routes.get("/api/uploads/:id", { schema: { params: Id } }, async ({ principal, params }) =>
    uploads.status(await uploads.row(params.id, principal!.id)),
  );

  routes.put(
    "/api/uploads/:id/parts/:part",
    { bodyLimit: partSize, schema: { params: Part } },
    async ({ principal, params, body, context }, reply) => {
      const upload = await uploads.row(params.id, principal!.id);
      // a part that is refused is read to its end all the same, so that the answer arrives
      const content = (body as Readable).iterator({ destroyOnReturn: false });
      try {
        await uploads.put(upload, params.part, content, context.signal);
      } finally {
        (body as Readable).resume();
      }
      return reply.code(204).send();
    },
  );

  routes.post(
    "/api/uploads/:id/complete",
    { schema: { params: Id } },
    async ({ principal, params: { id }, context }) => {
      const upload = await uploads.find(id, principal!.id);
      // an answer that was lost is asked for again: the photo is there
      const done = upload ? undefined : await photos.find(id);
      if (done?.by.id === principal!.id) return done;
      if (!upload) throw new NotFoundError("there is no such upload");
      await access.check(principal, "album.upload", { albumId: upload.album_id });
      return await completion.complete(upload, context.signal);
    },
  );

  routes.delete("/api/uploads/:id", { schema: { params: Id } }, async (request, reply) => {
    const { principal, params } = request;
    await uploads.row(params.id, principal!.id);
    await uploads.remove(params.id);
    return reply.code(204).send();
  });
};
