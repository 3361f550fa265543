import { DatabaseService } from "@infra/database";
import { NotFoundError } from "@infra/errors";
import type { Inject } from "@infra/interfaces";
import { uuidv7 } from "@infra/utils";

import { Accounts } from "../accounts/accounts.js";
import type { Album, Cover } from "../contract.js";
import { mediaOf, type StoredSize } from "../photos/photo-row.js";
import type { Role } from "./album-access.js";

interface AlbumRow {
  readonly id: string;
  readonly title: string;
  readonly owner_id: string;
  readonly role: Role;
  readonly created_at: Date;
  readonly photo_count: number;
  readonly cover_id: string | null;
  readonly sizes: readonly StoredSize[];
  readonly colour: string;
  readonly placeholder: string;
}

interface Dependencies {
  readonly accounts: Accounts;
  readonly database: DatabaseService;
}

/** The albums in the database. */
export class Albums {
  static readonly inject: Inject<typeof Albums> = { accounts: Accounts, database: DatabaseService };

  readonly #accounts: Accounts;
  readonly #database: DatabaseService;

  constructor({ accounts, database }: Dependencies) {
    this.#accounts = accounts;
    this.#database = database;
  }

  async create(ownerId: string, title: string): Promise<Album> {
    const id = uuidv7();
    await this.#database.transaction(async () => {
      await this.#database.table("albums").insert({ id, title, owner_id: ownerId });
      await this.#join(id, ownerId, "owner");
    });
    return await this.get(id, ownerId);
  }

  /** Those that somebody belongs to, newest first. */
  async of(accountId: string): Promise<Album[]> {
    return await this.#read(accountId, this.#database.sql`true`);
  }

  /** Those of somebody whose title has these words, the best first. */
  async search(accountId: string, query: string): Promise<Album[]> {
    return await this.#read(
      accountId,
      this.#database.sql`a.search @@ to_tsquery('simple', ${query})`,
    );
  }

  /** @throws NotFoundError */
  async get(id: string, accountId: string): Promise<Album> {
    const [album] = await this.#read(accountId, this.#database.sql`a.id = ${id}`);
    if (!album) throw new NotFoundError("there is no such album");
    return album;
  }

  async rename(id: string, title: string): Promise<void> {
    await this.#database.table("albums").where({ id }).update({ title });
  }

  /** Marks it, until it is purged. */
  async delete(id: string): Promise<void> {
    await this.#database.table("albums").where({ id }).update({ deleted_at: new Date() });
  }

  /** @throws NotFoundError when it is no deleted album of this owner. */
  async restore(id: string, ownerId: string): Promise<void> {
    const albums = this.#database.table("albums").where({ id, owner_id: ownerId });
    const restored = await albums.whereNotNull("deleted_at").update({ deleted_at: null });
    if (restored === 0) throw new NotFoundError("there is no such album");
  }

  /** Makes somebody a member, if they are none. */
  async join(id: string, accountId: string): Promise<void> {
    await this.#join(id, accountId, "member");
  }

  async #join(albumId: string, accountId: string, role: Role): Promise<void> {
    const member = { album_id: albumId, account_id: accountId, role };
    const key = ["account_id", "album_id"];
    await this.#database.table("members").insert(member).onConflict(key).ignore();
  }

  async #read(accountId: string, condition: object): Promise<Album[]> {
    const rows = await this.#database.sql<AlbumRow>`
      select a.id, a.title, a.owner_id, a.created_at, m.role,
        (select count(*)::int from photos where album_id = a.id and deleted_at is null) as photo_count,
        c.id as cover_id, c.sizes, c.colour, c.placeholder
      from members m join albums a on a.id = m.album_id
      left join lateral (
        select id, sizes, colour, placeholder from photos
        where album_id = a.id and deleted_at is null and status = 'ready' order by id desc limit 1
      ) c on true
      where m.account_id = ${accountId} and a.deleted_at is null and ${condition}
      order by a.id desc limit 500`;
    const people = await this.#accounts.people(rows.map(({ owner_id }) => owner_id));
    return rows.map((row): Album => ({
      id: row.id,
      title: row.title,
      role: row.role,
      photoCount: row.photo_count,
      cover: coverOf(row),
      createdAt: row.created_at.toISOString(),
      by: people.get(row.owner_id)!,
    }));
  }
}

/** In a size that fills a card on a good screen. */
function coverOf({ cover_id: id, sizes, colour, placeholder }: AlbumRow): Cover | null {
  const size = sizes?.find(({ width }) => width >= 640) ?? sizes?.at(-1);
  return id !== null && size ? { ...mediaOf(id, size), colour, placeholder } : null;
}
