import type { Knex } from "knex";

import { MigrationError, MigrationInterruptedError, MigrationSourceError } from "../errors.js";
import type { AppliedMigration, MigrationTable } from "./migration-table.js";
import type { Migration } from "./migration.js";
import type { StepEntry } from "./step-source.js";

/** Which way to go. */
export type Direction = "up" | "down";

/** A migration whose turn it is; going down, with what was written when it was applied. */
export interface NextStep {
  readonly migration: Migration;
  readonly applied: AppliedMigration | undefined;
}

/**
 * The migration whose turn it is.
 *
 * @throws MigrationInterruptedError when one was begun and never ended; MigrationSourceError when it can't be undone.
 */
export async function nextStep(
  direction: Direction,
  entries: readonly StepEntry<Migration>[],
  applied: readonly AppliedMigration[],
): Promise<NextStep | undefined> {
  const interrupted = applied.find(({ appliedAt }) => appliedAt === undefined);
  if (interrupted) {
    const { name } = interrupted;
    throw new MigrationInterruptedError(
      `the migration ${name} was begun and never ended: look at what it left, mend it by hand, then call migrate.resolve(${JSON.stringify(name)}, "applied" or "pending"), or infra-db resolve ${name} applied|pending`,
      { details: { migration: name } },
    );
  }
  if (direction === "up") {
    const names = new Set(applied.map(({ name }) => name));
    const entry = entries.find(({ name }) => !names.has(name));
    return entry && { migration: await entry.load(), applied: undefined };
  }
  const last = applied.at(-1);
  if (!last) return undefined;
  const entry = entries.find(({ name }) => name === last.name);
  if (!entry) {
    throw new MigrationSourceError(
      `the migration ${last.name} has been applied but is not among the migrations, so it can't be undone`,
      { details: { migration: last.name } },
    );
  }
  const migration = await entry.load();
  if (typeof migration.down !== "function") {
    throw new MigrationSourceError(`the migration ${last.name} has no function down(knex)`, {
      details: { migration: last.name },
    });
  }
  return { migration, applied: last };
}

/** Runs one migration, and writes down that it began and that it ended. */
export async function applyMigration(
  { migration, applied }: NextStep,
  direction: Direction,
  batch: number,
  table: MigrationTable,
  knex: Knex,
): Promise<void> {
  const { name } = migration;
  if (applied) await table.reopen(applied);
  else await table.begin(name, batch);
  try {
    await migration[direction]!(knex);
  } catch (cause) {
    throw new MigrationError(
      `the migration ${name} failed going ${direction}: ${(cause as Error).message}`,
      { cause, details: { migration: name, direction, rolledBack: true } },
    );
  }
  if (applied) await table.remove(applied);
  else await table.finish(name);
}

/** Says of a failed migration what became of its work, now that its transaction, if it had one, has ended. */
export async function migrationFailed(error: unknown, table: MigrationTable): Promise<unknown> {
  if (!MigrationError.is(error)) return error;
  const { migration, direction } = error.details;
  const left = (await table.read()).some(
    ({ name, appliedAt }) => name === migration && appliedAt === undefined,
  );
  const outcome = left
    ? `it did not run in a transaction, so what it had done stays: mend it by hand, then infra-db resolve ${migration} applied|pending`
    : "it was rolled back";
  return new MigrationError(`${error.message} (${outcome})`, {
    cause: error.cause,
    details: { migration, direction, rolledBack: !left },
  });
}
