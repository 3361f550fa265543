import type { Knex } from "knex";

import { stepName } from "./step-source.js";

/** A migration that has been applied, or was begun: then it has no time. */
export interface AppliedMigration {
  readonly id: number;
  readonly name: string;
  readonly batch: number;
  readonly appliedAt: Date | undefined;
}

const table = "infra_migrations";

/**
 * What is written down about migrations. The columns are those of knex's own table. A row stands from the first moment on,
 * without a time until the migration is done: where the schema changes outside of a transaction, a crash leaves it so.
 */
export class MigrationTable {
  readonly #knex: Knex;

  /** @param knex - joins the ambient transaction */
  constructor(knex: Knex) {
    this.#knex = knex;
  }

  async create(): Promise<void> {
    if (await this.#exists()) return;
    await this.#knex.schema.createTable(table, (columns) => {
      columns.increments("id");
      columns.string("name", 255).notNullable().unique();
      columns.integer("batch").notNullable();
      columns.timestamp("migration_time", { useTz: true }).nullable();
    });
  }

  /** In the order in which they were applied; none when there is no table. */
  async read(): Promise<readonly AppliedMigration[]> {
    if (!(await this.#exists())) return [];
    const rows = await this.#knex<MigrationRow>(table).select("*").orderBy("id");
    return rows.map(({ id, name, batch, migration_time: time }) => ({
      id,
      name: stepName(name),
      batch,
      appliedAt: time === null ? undefined : new Date(time),
    }));
  }

  async begin(name: string, batch: number): Promise<void> {
    await this.#knex(table).insert({ name, batch, migration_time: null });
  }

  /** Begins to undo what was applied. */
  async reopen({ id }: AppliedMigration): Promise<void> {
    await this.#knex(table).where({ id }).update({ migration_time: null });
  }

  async finish(name: string): Promise<void> {
    await this.#knex(table).where({ name }).update({ migration_time: new Date() });
  }

  async remove({ id }: AppliedMigration): Promise<void> {
    await this.#knex(table).where({ id }).delete();
  }

  #exists(): Promise<boolean> {
    return this.#knex.schema.hasTable(table);
  }
}

interface MigrationRow {
  id: number;
  name: string;
  batch: number;
  migration_time: Date | number | null;
}
