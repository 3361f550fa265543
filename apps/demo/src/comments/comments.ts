import { DatabaseService } from "@infra/database";
import { NotFoundError } from "@infra/errors";
import type { Inject } from "@infra/interfaces";
import { uuidv7 } from "@infra/utils";

import { Accounts } from "../accounts/accounts.js";
import type { Comment } from "../contract.js";

interface CommentRow {
  readonly id: string;
  readonly photo_id: string;
  readonly by_id: string;
  readonly text: string;
  readonly created_at: Date;
}

interface Dependencies {
  readonly accounts: Accounts;
  readonly database: DatabaseService;
}

/** The comments in the database. */
export class Comments {
  static readonly inject: Inject<typeof Comments> = {
    accounts: Accounts,
    database: DatabaseService,
  };

  readonly #accounts: Accounts;
  readonly #database: DatabaseService;

  constructor({ accounts, database }: Dependencies) {
    this.#accounts = accounts;
    this.#database = database;
  }

  /** Those of a photo, oldest first. */
  async of(photoId: string): Promise<Comment[]> {
    return await this.#complete(
      await this.#database
        .table<CommentRow>("comments")
        .where({ photo_id: photoId })
        .orderBy("id")
        .limit(1_000),
    );
  }

  async add(photoId: string, byId: string, text: string): Promise<Comment> {
    const comment = { id: uuidv7(), photo_id: photoId, by_id: byId, text };
    const rows = await this.#database.table<CommentRow>("comments").insert(comment).returning("*");
    return (await this.#complete(rows))[0]!;
  }

  /** @throws NotFoundError */
  async get(id: string): Promise<Comment> {
    const rows = await this.#database.table<CommentRow>("comments").where({ id });
    const [comment] = await this.#complete(rows);
    if (!comment) throw new NotFoundError("there is no such comment");
    return comment;
  }

  async delete(id: string): Promise<void> {
    await this.#database.table("comments").where({ id }).delete();
  }

  async #complete(rows: readonly CommentRow[]): Promise<Comment[]> {
    const people = await this.#accounts.people(rows.map(({ by_id }) => by_id));
    return rows.map(({ id, photo_id, by_id, text, created_at }) => ({
      id,
      photoId: photo_id,
      text,
      createdAt: created_at.toISOString(),
      by: people.get(by_id)!,
    }));
  }
}
