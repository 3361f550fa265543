import { DatabaseService } from "@infra/database";
import { section, type Inject } from "@infra/interfaces";
import { runBatch } from "@infra/processor";
import { StorageService } from "@infra/storage";

import { appConfig, type AppConfig } from "../app-config.js";
import { filesOf } from "../photos/photo-row.js";
import { Uploads } from "../uploads/uploads.js";

interface Dependencies {
  readonly database: DatabaseService;
  readonly storage: StorageService;
  readonly uploads: Uploads;
}

/** Removes for good what is of no use any more. */
export class Purge {
  static readonly inject: Inject<typeof Purge> = {
    options: section(appConfig),
    database: DatabaseService,
    storage: StorageService,
    uploads: Uploads,
  };

  readonly #options: AppConfig;
  readonly #deps: Dependencies;

  constructor(options: AppConfig, deps: Dependencies) {
    this.#options = options;
    this.#deps = deps;
  }

  /** Of `photos.purge`: photos and albums that were deleted longer ago than it can be undone. */
  async photos(nowMs: number = Date.now()): Promise<{ readonly photos: number }> {
    const { database } = this.#deps;
    const before = new Date(nowMs - this.#options.undoFor);
    const gone = await database.sql<{ id: string }>`
      select p.id from photos p join albums a on a.id = p.album_id
      where p.deleted_at < ${before} or a.deleted_at < ${before} limit 1000`;
    const ids = gone.map(({ id }) => id);
    // files first: what fails is found again by its row
    const { failures } = await runBatch(ids, async (id) => await this.#photo(id));
    if (failures[0]) throw failures[0].error;
    await database.sql`
      delete from albums where deleted_at < ${before}
      and not exists (select from photos where album_id = albums.id)`;
    return { photos: ids.length };
  }

  /** Of `uploads.purge`. */
  async uploads(nowMs: number = Date.now()): Promise<{ readonly uploads: number }> {
    const before = new Date(nowMs - this.#options.uploadsExpire);
    return { uploads: await this.#deps.uploads.purge(before) };
  }

  /** Of `tokens.prune`: links that expired, and the audit trail of a year ago. Sessions go by themselves. */
  async tokens(nowMs: number = Date.now()): Promise<void> {
    const { database } = this.#deps;
    await database.table("shares").where("expires_at", "<", monthBefore(nowMs)).delete();
    await database
      .table("audit")
      .where("at", "<", new Date(nowMs - 365 * dayMs))
      .delete();
  }

  async #photo(id: string): Promise<void> {
    const { database, storage } = this.#deps;
    const files: string[] = [];
    for await (const { fileId } of storage.listAll({ prefix: filesOf(id) })) files.push(fileId);
    await storage.deleteMany(files);
    await database.table("photos").where({ id }).delete();
  }
}

const dayMs = 86_400_000;

/** A link that has expired is said to have, for a while. */
function monthBefore(nowMs: number): Date {
  return new Date(nowMs - 30 * dayMs);
}
