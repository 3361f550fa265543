import { AccessPolicy } from "@infra/auth";
import { CacheService, type Keyspace } from "@infra/cache";
import { DatabaseService } from "@infra/database";
import { NotFoundError } from "@infra/errors";
import type { Inject, Principal } from "@infra/interfaces";

/** What somebody is to an album. */
export type Role = "owner" | "member";

/** Who may do what. `role` is what somebody is to the album, `byId` who made what they want to change. */
export const policy = new AccessPolicy({
  roles: { admin: ["admin.*"] },
  rules: [
    { allow: "album.*", where: { role: "owner" } },
    { allow: ["album.read", "album.upload", "album.comment"], where: { role: "member" } },
    { allow: ["album.photo.change", "album.comment.delete"], where: ({ id }) => ({ byId: id }) },
  ],
});

interface Dependencies {
  readonly cache: CacheService;
  readonly database: DatabaseService;
}

/** Says who may do what in an album. What somebody may not even see does not exist for them. */
export class AlbumAccess {
  static readonly inject: Inject<typeof AlbumAccess> = {
    cache: CacheService,
    database: DatabaseService,
  };

  readonly #cache: CacheService;
  readonly #roles: Keyspace<
    { readonly albumId: string; readonly accountId: string },
    Role | undefined
  >;

  constructor({ cache, database }: Dependencies) {
    this.#cache = cache;
    this.#roles = cache.keyspace("roles", {
      ttl: "1m",
      key: ({ albumId, accountId }) => `${albumId}/${accountId}`,
      tags: ({ albumId }) => [albumTag(albumId)],
      load: async ({ albumId, accountId }) => {
        const member = await database.sql<{ role: Role }>`
          select role from members join albums on albums.id = album_id
          where album_id = ${albumId} and account_id = ${accountId} and deleted_at is null`.first();
        return member?.role;
      },
    });
  }

  async role(principal: Principal | undefined, albumId: string): Promise<Role | undefined> {
    return principal && (await this.#roles.get({ albumId, accountId: principal.id }));
  }

  /** @throws NotFoundError to who does not belong to the album, ForbiddenError to who may not do this in it. */
  async check(
    principal: Principal | undefined,
    action: string,
    { albumId, byId }: { readonly albumId: string; readonly byId?: string },
  ): Promise<Role> {
    const role = await this.role(principal, albumId);
    if (!role) throw new NotFoundError("there is no such album");
    policy.authorize(principal, action, { role, byId });
    return role;
  }

  /** Somebody has joined, or the album is gone or back: in all processes it is looked up anew. */
  async changed(albumId: string): Promise<void> {
    await this.#cache.invalidateTags([albumTag(albumId)]);
  }
}

/** What everything in the cache has that an album's end or return changes. */
export const albumTag = (albumId: string): string => `album:${albumId}`;
