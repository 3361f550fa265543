import { CacheService, type Keyspace } from "@infra/cache";
import { DatabaseService } from "@infra/database";
import { NotFoundError } from "@infra/errors";
import type { Inject, Principal } from "@infra/interfaces";

import { AlbumAccess } from "../albums/album-access.js";
import { Shares } from "../shares/shares.js";

interface Dependencies {
  readonly access: AlbumAccess;
  readonly cache: CacheService;
  readonly database: DatabaseService;
  readonly shares: Shares;
}

/** Who may fetch the files of a photo: asked for each picture of a page, and so mostly answered from the cache. */
export class MediaAccess {
  static readonly inject: Inject<typeof MediaAccess> = {
    access: AlbumAccess,
    cache: CacheService,
    database: DatabaseService,
    shares: Shares,
  };

  readonly #deps: Dependencies;
  readonly #albums: Keyspace<
    string,
    { readonly albumId: string; readonly title: string } | undefined
  >;

  constructor(deps: Dependencies) {
    this.#deps = deps;
    this.#albums = deps.cache.keyspace("photos", {
      ttl: "5m",
      tags: (photoId) => [`photo:${photoId}`],
      load: (photoId: string) =>
        deps.database.sql<{ albumId: string; title: string }>`
          select album_id as "albumId", title from photos
          where id = ${photoId} and deleted_at is null`.first(),
    });
  }

  /** Members, and whoever shows a share link of the album. @throws NotFoundError to everybody else. */
  async check(
    photoId: string,
    { principal, share }: { principal: Principal | undefined; share: string | undefined },
  ): Promise<{ readonly title: string }> {
    const photo = await this.#albums.get(photoId);
    if (photo) {
      const { access, shares } = this.#deps;
      if (await access.role(principal, photo.albumId)) return photo;
      const link = share === undefined ? undefined : await shares.find(share);
      if (link?.found && link.albumId === photo.albumId) return photo;
    }
    throw new NotFoundError("there is no such photo");
  }

  /** It was deleted, or brought back. */
  async changed(photoId: string): Promise<void> {
    await this.#deps.cache.invalidateTags([`photo:${photoId}`]);
  }
}
