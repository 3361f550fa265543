import type { Knex } from "knex";

/** One step of the schema. Both functions run inside a transaction, which `knex` is. */
export interface Migration {
  /** Unique; the order of a list is the order of its steps, files are ordered by name. */
  readonly name: string;
  up(knex: Knex.Transaction): PromiseLike<unknown>;
  /** Undoes `up`; a migration without it can't be undone. */
  down?(knex: Knex.Transaction): PromiseLike<unknown>;
}
