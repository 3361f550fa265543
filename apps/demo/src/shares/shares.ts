import { createHash } from "node:crypto";

import { CacheService, type Keyspace } from "@infra/cache";
import { DatabaseService } from "@infra/database";
import { toMilliseconds, type Inject, type Revocation } from "@infra/interfaces";
import { randomToken } from "@infra/security";
import { uuidv7 } from "@infra/utils";

import { albumTag } from "../albums/album-access.js";
import { shareTokenPrefix, type Share, type ShareLifetime } from "../contract.js";

/** A link that holds. */
export interface ValidShare {
  readonly found: true;
  readonly id: string;
  readonly albumId: string;
  readonly ownerId: string;
  readonly expiresAt: Date;
}

type StoredShare = Omit<ValidShare, "found">;

interface Dependencies {
  readonly cache: CacheService;
  readonly database: DatabaseService;
}

/** Links to albums: whoever has one may look, until it expires. Only hashes of their tokens are kept. */
export class Shares {
  static readonly inject: Inject<typeof Shares> = {
    cache: CacheService,
    database: DatabaseService,
  };

  readonly #cache: CacheService;
  readonly #listeners = new Set<(revocation: Revocation) => void>();
  readonly #database: DatabaseService;
  readonly #byHash: Keyspace<string, StoredShare | undefined>;
  /** Whether an album is there, and not deleted. */
  readonly #albums: Keyspace<string, boolean>;

  constructor({ cache, database }: Dependencies) {
    this.#cache = cache;
    this.#database = database;
    // asked for each picture of an album
    this.#byHash = cache.keyspace("shares", {
      ttl: "1m",
      tags: (hash) => [tagOf(hash)],
      load: (hash: string) =>
        database.sql<StoredShare>`
          select s.id, album_id as "albumId", owner_id as "ownerId", expires_at as "expiresAt"
          from shares s join albums a on a.id = album_id where token_hash = ${hash}`.first(),
    });
    this.#albums = cache.keyspace("shared", {
      ttl: "1m",
      tags: (id) => [albumTag(id)],
      load: async (id: string) =>
        (await database.table("albums").where({ id }).whereNull("deleted_at").first()) !==
        undefined,
    });
  }

  /** The token is given here, and never again. */
  async create(albumId: string, expiresIn: ShareLifetime): Promise<Share & { token: string }> {
    const token = shareTokenPrefix + randomToken({ bytes: 24 });
    const [id, createdAt] = [uuidv7(), new Date()];
    const expiresAt = new Date(createdAt.getTime() + toMilliseconds(expiresIn));
    await this.#database.table("shares").insert({
      id,
      album_id: albumId,
      token_hash: hashOf(token),
      created_at: createdAt,
      expires_at: expiresAt,
    });
    return { id, token, createdAt: createdAt.toISOString(), expiresAt: expiresAt.toISOString() };
  }

  /** Those of an album that hold, newest first. */
  async of(albumId: string): Promise<Share[]> {
    const rows = await this.#database.sql<{ id: string; created_at: Date; expires_at: Date }>`
      select id, created_at, expires_at from shares
      where album_id = ${albumId} and expires_at > ${new Date()} order by id desc`;
    return rows.map(({ id, created_at, expires_at }) => ({
      id,
      createdAt: created_at.toISOString(),
      expiresAt: expires_at.toISOString(),
    }));
  }

  /** The album of a link, by its id. */
  async albumOf(id: string): Promise<string | undefined> {
    const row = await this.#database.table("shares").where({ id }).first();
    return row?.["album_id"] as string | undefined;
  }

  async delete(id: string): Promise<void> {
    const [row] = await this.#database
      .table<{ id: string; token_hash: string }>("shares")
      .where({ id })
      .delete()
      .returning("token_hash");
    if (row) await this.#cache.invalidateTags([tagOf(row.token_hash)]);
    for (const listener of this.#listeners) listener({ credentialId: id });
  }

  /** Calls back when a link was ended here; what it returns takes that back. */
  onRevoked(listener: (revocation: Revocation) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** What a token stands for; of one that does not hold, why. */
  async find(
    token: string,
  ): Promise<ValidShare | { readonly found: false; readonly reason: "unknown" | "expired" }> {
    const share = await this.#byHash.get(hashOf(token));
    if (!share || !(await this.#albums.get(share.albumId)))
      return { found: false, reason: "unknown" };
    if (share.expiresAt.getTime() <= Date.now()) return { found: false, reason: "expired" };
    return { found: true, ...share };
  }
}

const tagOf = (hash: string): string => `share:${hash}`;

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
