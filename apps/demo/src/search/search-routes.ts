import { z } from "zod";

import { Albums } from "../albums/albums.js";
import type { SearchResult } from "../contract.js";
import { Photos } from "../photos/photos.js";
import type { AppRoutes } from "../routes.js";

/** Looks for titles, by the full-text search of PostgreSQL; finds what somebody belongs to, and nothing else. */
export const addSearchRoutes: AppRoutes = (routes, container) => {
  const [albums, photos] = [container.get(Albums), container.get(Photos)];

  routes.get(
    "/api/search",
    { schema: { querystring: z.object({ q: z.string().max(200) }) } },
    async ({ principal, query: { q } }): Promise<SearchResult> => {
      const wanted = toQuery(q);
      if (wanted === "") return { photos: [], albums: [] };
      const [found, named] = await Promise.all([
        photos.search(principal!.id, wanted),
        albums.search(principal!.id, wanted),
      ]);
      return { photos: found, albums: named };
    },
  );
};

/** All of the words, each as the beginning of one: `sun bea` finds "Sunset at the beach". */
function toQuery(text: string): string {
  const words = text.normalize("NFC").match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.map((word) => `'${word}':*`).join(" & ");
}
