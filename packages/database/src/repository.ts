import type { Knex } from "knex";

import type { Dialect } from "./dialect.js";
import { RowNotFoundError, StaleRowError } from "./errors.js";
import { readPage, type Page, type PageOptions } from "./read-page.js";

/** Options of {@link Repository}. */
export interface RepositoryOptions<Row extends object> {
  /** The primary key. @default "id" */
  readonly key?: keyof Row & string;
  /** A column that is a time once the row has been deleted, and null before: rows are marked, not removed. */
  readonly softDelete?: keyof Row & string;
  /** A column with a number that every change increases: a change of what somebody else has changed is refused. */
  readonly version?: keyof Row & string;
}

/** What a repository needs of the service. */
export interface RepositoryHost {
  readonly knex: Knex;
  readonly dialect: Dialect;
  transaction<T>(work: () => Promise<T>): Promise<T>;
}

/** Which rows: columns that equal values. */
export type Where<Row> = { readonly [K in keyof Row]?: Row[K] };

/** Options of a change. */
export interface ChangeOptions {
  /** The version that was read; without it, the change is made whatever the version is. */
  readonly version?: number;
}

/**
 * The rows of one table as objects. Everything belongs to the ambient transaction, and what it can't do is a builder away:
 * {@link Repository.query}.
 */
export class Repository<Row extends object> {
  readonly #host: RepositoryHost;
  readonly #table: string;
  readonly #key: string;
  readonly #softDelete: string | undefined;
  readonly #version: string | undefined;

  /** Made by `DatabaseService.repository()`. */
  constructor(host: RepositoryHost, table: string, options: RepositoryOptions<Row> = {}) {
    this.#host = host;
    this.#table = table;
    this.#key = options.key ?? "id";
    this.#softDelete = options.softDelete;
    this.#version = options.version;
  }

  /** A builder of knex on the rows that are not deleted. */
  query(): Knex.QueryBuilder<Row, Row[]> {
    const all = this.#host.knex(this.#table) as unknown as Knex.QueryBuilder<Row, Row[]>;
    return this.#softDelete === undefined ? all : all.whereNull(this.#softDelete);
  }

  /** The row with a key, if there is one. */
  async find(key: unknown): Promise<Row | undefined> {
    return await this.#byKey(key).first();
  }

  /**
   * The row with a key.
   *
   * @throws RowNotFoundError (`ERR_DATABASE_ROW_NOT_FOUND`).
   */
  async get(key: unknown): Promise<Row> {
    const row = await this.find(key);
    if (row === undefined) throw this.#notFound();
    return row;
  }

  /** The first row that fits, in the order of the key. */
  async findBy(where: Where<Row>): Promise<Row | undefined> {
    return await this.query().where(where).orderBy(this.#key).first();
  }

  async count(where: Where<Row> = {}): Promise<number> {
    const [row] = (await this.query().where(where).count({ n: "*" })) as unknown as {
      n: unknown;
    }[];
    return Number(row!.n);
  }

  /**
   * One page of rows, and the cursor that the next one begins at. Pages hold together while rows come and go: what was on
   * a page is not on the next.
   *
   * @throws CursorError (`ERR_DATABASE_CURSOR`) when `after` is not a cursor of a list in this order; RangeError.
   */
  page(options: PageOptions<Row> = {}): Promise<Page<Row>> {
    const { knex, dialect } = this.#host;
    const { textType } = dialect;
    return readPage({ knex, query: this.query(), key: this.#key, textType }, options);
  }

  /** Inserts a row, and gives it with what the database filled in. */
  async create(row: Partial<Row>): Promise<Row> {
    const values = this.#version === undefined ? row : { [this.#version]: 1, ...row };
    const insert = this.#host.knex(this.#table).insert(values);
    if (this.#host.dialect.returning) {
      const [created] = (await insert.returning("*")) as Row[];
      return created!;
    }
    return this.#host.transaction(async () => {
      const [generated] = (await insert) as unknown as [unknown];
      return this.get((values as Record<string, unknown>)[this.#key] ?? generated);
    });
  }

  /**
   * Changes a row, and gives it as it is then.
   *
   * @throws RowNotFoundError (`ERR_DATABASE_ROW_NOT_FOUND`), StaleRowError (`ERR_DATABASE_STALE_ROW`).
   */
  async update(key: unknown, changes: Partial<Row>, options: ChangeOptions = {}): Promise<Row> {
    if (this.#host.dialect.returning) {
      const change = this.#atVersion(key, options).update(this.#bumped(changes) as never);
      const [row] = (await change.returning("*")) as Row[];
      if (row === undefined) throw await this.#unchanged(key, options);
      return row;
    }
    return this.#host.transaction(async () => {
      await this.#change(key, changes, options);
      return this.get(key);
    });
  }

  /**
   * Removes a row, or marks it as deleted.
   *
   * @throws RowNotFoundError (`ERR_DATABASE_ROW_NOT_FOUND`), StaleRowError (`ERR_DATABASE_STALE_ROW`).
   */
  async delete(key: unknown, options: ChangeOptions = {}): Promise<void> {
    if (this.#softDelete !== undefined) {
      await this.#change(key, { [this.#softDelete]: new Date() }, options);
      return;
    }
    const deleted = await this.#atVersion(key, options).delete();
    if (deleted === 0) throw await this.#unchanged(key, options);
  }

  /**
   * Brings back a row that was marked as deleted.
   *
   * @throws RowNotFoundError (`ERR_DATABASE_ROW_NOT_FOUND`) when there is none.
   */
  async restore(key: unknown): Promise<Row> {
    const mark = this.#softDelete;
    if (mark === undefined)
      throw new TypeError(`the repository of ${this.#table} has no softDelete`);
    return this.#host.transaction(async () => {
      const restored = await this.#host
        .knex(this.#table)
        .where({ [this.#key]: key })
        .whereNotNull(mark)
        .update(this.#bumped({ [mark]: null }));
      if (restored === 0) throw this.#notFound();
      return this.get(key);
    });
  }

  #byKey(key: unknown): Knex.QueryBuilder<Row, Row[]> {
    if (key === undefined)
      throw new TypeError(`${this.#key} must be the key of a row, got undefined`);
    return this.query().where({ [this.#key]: key });
  }

  #atVersion(key: unknown, { version }: ChangeOptions): Knex.QueryBuilder<Row, Row[]> {
    const row = this.#byKey(key);
    if (version === undefined) return row;
    if (this.#version === undefined) {
      throw new TypeError(`the repository of ${this.#table} has no version`);
    }
    return row.where({ [this.#version]: version });
  }

  async #change(key: unknown, changes: object, options: ChangeOptions): Promise<void> {
    const changed = await this.#atVersion(key, options).update(this.#bumped(changes) as never);
    if (changed === 0) throw await this.#unchanged(key, options);
  }

  #bumped(changes: object): object {
    const name = this.#version;
    return name === undefined
      ? changes
      : { ...changes, [name]: this.#host.knex.raw("?? + 1", [name]) };
  }

  async #unchanged(key: unknown, { version }: ChangeOptions): Promise<Error> {
    if (version === undefined || (await this.find(key)) === undefined) return this.#notFound();
    return new StaleRowError(
      `the row of ${this.#table} is not at version ${version} any more: read it again`,
      { details: { table: this.#table, version }, publicMessage: stale },
    );
  }

  #notFound(): Error {
    return new RowNotFoundError(`there is no such row in ${this.#table}`, {
      details: { table: this.#table },
    });
  }
}

const stale = "Somebody else has changed it in the meantime.";
