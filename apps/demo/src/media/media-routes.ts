import { attachment, fileResponse, StorageService } from "@infra/storage";
import { z } from "zod";

import { fileOf } from "../photos/photo-row.js";
import type { AppRoutes } from "../routes.js";
import { MediaAccess } from "./media-access.js";

const File = z.object({ id: z.uuid(), variant: z.string().regex(/^(original|video|\d{1,5})$/) });
const Query = z.object({ share: z.string().max(100).optional() });

/** The files of photos: pictures, clips, and what was uploaded. A file never changes, so browsers keep it. */
export const addMediaRoutes: AppRoutes = (routes, container) => {
  const [media, storage] = [container.get(MediaAccess), container.get(StorageService)];

  routes.get(
    "/media/:id/:variant",
    {
      config: { authentication: "optional", rateLimit: false },
      schema: { params: File, querystring: Query },
    },
    async (request, reply) => {
      const { principal, params, query, raw, signal } = request;
      const { title } = await media.check(params.id, { principal, share: query.share });
      const answer = await fileResponse(storage, fileOf(params.id, params.variant), raw, {
        cacheControl: "private, max-age=31536000, immutable",
        signal,
        ...(params.variant === "original" && { contentDisposition: attachment(title) }),
      });
      return reply.code(answer.status).headers(answer.headers).send(answer.content);
    },
  );
};
