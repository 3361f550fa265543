import type { Knex } from "knex";

/** One step of the schema. */
export interface Migration {
  /** Unique; the order of a list is the order of its steps, files are ordered by name. */
  readonly name: string;
  /**
   * `false` for what can't be done inside a transaction, such as `create index concurrently`. When such a step fails
   * or is killed, what it did stays: later calls say so, until somebody has mended it and calls `migrate.resolve()`. The
   * same goes for every step that changes the schema on MySQL, which can't do that inside of one.
   *
   * @default true
   */
  readonly transaction?: boolean;
  /** `knex` is the transaction, if there is one. */
  up(knex: Knex): PromiseLike<unknown>;
  /** Undoes `up`; a migration without it can't be undone. */
  down?(knex: Knex): PromiseLike<unknown>;
}
