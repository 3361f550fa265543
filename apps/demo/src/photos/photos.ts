import { DatabaseService } from "@infra/database";
import { NotFoundError } from "@infra/errors";
import type { Inject } from "@infra/interfaces";

import { Accounts } from "../accounts/accounts.js";
import type { Page, Photo } from "../contract.js";
import { toPhoto, type PhotoRow } from "./photo-row.js";

/** What a photo begins with. */
export interface NewPhoto {
  readonly id: string;
  readonly albumId: string;
  readonly byId: string;
  readonly kind: "image" | "video";
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
}

/** What becomes of one. */
export type PhotoChanges = Partial<
  Pick<
    PhotoRow,
    | "title"
    | "status"
    | "failure"
    | "width"
    | "height"
    | "colour"
    | "placeholder"
    | "sizes"
    | "duration_ms"
  >
> & { readonly deleted_at?: Date | null };

interface Dependencies {
  readonly accounts: Accounts;
  readonly database: DatabaseService;
}

/** The photos in the database. */
export class Photos {
  static readonly inject: Inject<typeof Photos> = { accounts: Accounts, database: DatabaseService };

  readonly #accounts: Accounts;
  readonly #database: DatabaseService;

  constructor({ accounts, database }: Dependencies) {
    this.#accounts = accounts;
    this.#database = database;
  }

  /** Adds it, unless it is there already. */
  async add({ id, albumId, byId, ...rest }: NewPhoto): Promise<void> {
    const photo = { id, album_id: albumId, by_id: byId, ...rest };
    await this.#database.table("photos").insert(photo).onConflict("id").ignore();
  }

  /** One page of an album, oldest first. */
  async page(albumId: string, limit: number, cursor?: string): Promise<Page<Photo>> {
    const database = this.#database;
    const after = cursor === undefined ? database.sql`true` : database.sql`p.id > ${cursor}`;
    const items = await this.#read(
      database.sql`p.album_id = ${albumId} and ${after} order by p.id limit ${limit + 1}`,
    );
    const next = items.length > limit ? items[limit - 1]!.id : undefined;
    return { items: items.slice(0, limit), ...(next !== undefined && { nextCursor: next }) };
  }

  /** Those in the albums of somebody whose title has these words, newest first. */
  async search(accountId: string, query: string): Promise<Photo[]> {
    return await this.#read(this.#database.sql`
      p.search @@ to_tsquery('simple', ${query})
      and p.album_id in (
        select a.id from members m join albums a on a.id = m.album_id
        where m.account_id = ${accountId} and a.deleted_at is null)
      order by p.id desc limit 100`);
  }

  async find(id: string): Promise<Photo | undefined> {
    const [photo] = await this.#read(this.#database.sql`p.id = ${id}`);
    return photo;
  }

  /** @throws NotFoundError */
  async get(id: string): Promise<Photo> {
    const photo = await this.find(id);
    if (!photo) throw new NotFoundError("there is no such photo");
    return photo;
  }

  /** Whether there is one, deleted or not. */
  async exists(id: string): Promise<boolean> {
    return (await this.#database.table("photos").where({ id }).first("id")) !== undefined;
  }

  async change(id: string, { sizes, ...changes }: PhotoChanges): Promise<void> {
    const values = { ...changes, ...(sizes && { sizes: JSON.stringify(sizes) }) };
    await this.#database.table("photos").where({ id }).update(values);
  }

  /** Begins anew with one that failed; whether it had. Of two at once, one does. */
  async retry(id: string): Promise<boolean> {
    const photo = this.#database.table("photos").where({ id, status: "failed" });
    return (await photo.update({ status: "processing", failure: null })) > 0;
  }

  /** Whose a deleted photo is. @throws NotFoundError when it is none. */
  async deleted(id: string): Promise<{ readonly albumId: string; readonly byId: string }> {
    const row = await this.#database.sql<{ albumId: string; byId: string }>`
      select album_id as "albumId", by_id as "byId" from photos
      where id = ${id} and deleted_at is not null`.first();
    if (!row) throw new NotFoundError("there is no such photo");
    return row;
  }

  async #read(condition: object): Promise<Photo[]> {
    const rows = await this.#database.sql<PhotoRow>`
      select p.id, album_id, by_id, kind, title, status, failure, width, height, colour, placeholder,
        sizes, duration_ms, p.created_at,
        (select count(*)::int from comments where photo_id = p.id) as comments
      from photos p where p.deleted_at is null and ${condition}`;
    const people = await this.#accounts.people(rows.map(({ by_id }) => by_id));
    return rows.map((row) => toPhoto(row, people.get(row.by_id)!));
  }
}
