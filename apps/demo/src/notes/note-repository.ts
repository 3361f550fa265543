import { DatabaseService } from "@infra/database";
import { NotFoundError, ValidationError } from "@infra/errors";
import type { Inject } from "@infra/interfaces";
import { uuidv7 } from "@infra/utils";

/** What a client sends. */
export interface NewNote {
  readonly title: string;
  readonly body: string;
}

/** What a client gets. */
export interface Note extends NewNote {
  readonly id: string;
  readonly createdAt: Date;
}

/** One page of notes, newest first. */
export interface NotePage {
  readonly items: readonly Note[];
  /** Where the next page begins; missing on the last one. */
  readonly next?: string;
}

interface NoteRow {
  readonly id: string;
  readonly title: string;
  readonly body: string;
  readonly created_at: Date;
}

/** The notes in the database. */
export class NoteRepository {
  static readonly inject: Inject<typeof NoteRepository> = { database: DatabaseService };
  readonly #database: DatabaseService;

  constructor(deps: { readonly database: DatabaseService }) {
    this.#database = deps.database;
  }

  async create(note: NewNote): Promise<Note> {
    const [row] = await this.#database
      .table<NoteRow>("notes")
      .insert({ id: uuidv7(), title: note.title, body: note.body })
      .returning("*");
    return toNote(row as NoteRow);
  }

  /** @throws ERR_NOTES_NOT_FOUND */
  async get(id: string): Promise<Note> {
    const row = await this.#database.table<NoteRow>("notes").where({ id }).first();
    if (row === undefined) throw noSuchNote(id);
    return toNote(row);
  }

  /** @throws ERR_NOTES_CURSOR when `after` is no cursor of an earlier page. */
  async list(limit: number, after?: string): Promise<NotePage> {
    const query = this.#database
      .table<NoteRow>("notes")
      .orderBy("id", "desc")
      .limit(limit + 1);
    if (after !== undefined) query.where("id", "<", fromCursor(after));
    const rows = await query;
    const items = rows.slice(0, limit).map(toNote);
    const last = items.at(-1);
    return rows.length > limit && last ? { items, next: toCursor(last.id) } : { items };
  }

  /** @throws ERR_NOTES_NOT_FOUND */
  async delete(id: string): Promise<void> {
    if ((await this.#database.table<NoteRow>("notes").where({ id }).delete()) === 0) {
      throw noSuchNote(id);
    }
  }
}

function toNote({ id, title, body, created_at }: NoteRow): Note {
  return { id, title, body, createdAt: created_at };
}

function noSuchNote(id: string): NotFoundError {
  return new NotFoundError(`there is no note ${id}`, { code: "ERR_NOTES_NOT_FOUND" });
}

function toCursor(id: string): string {
  return Buffer.from(id.replaceAll("-", ""), "hex").toString("base64url");
}

function fromCursor(cursor: string): string {
  const hex = Buffer.from(cursor, "base64url").toString("hex");
  if (hex.length !== 32) {
    throw new ValidationError("this cursor belongs to no page", {
      code: "ERR_NOTES_CURSOR",
      issues: [{ path: ["after"], message: "must be the `next` of an earlier page" }],
    });
  }
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
