import type { Knex } from "knex";

/** Data to begin with. It can be run again at any time, so it has to be written for that. */
export interface Seed {
  /** Unique; the order of a list is the order in which they run, files are ordered by name. */
  readonly name: string;
  /** Runs inside a transaction, which `knex` is. */
  seed(knex: Knex): PromiseLike<unknown>;
}
