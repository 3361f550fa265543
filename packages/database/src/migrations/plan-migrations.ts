import { MigrationLockedError } from "../errors.js";
import { applyMigration, nextStep, type Direction } from "./migration-step.js";
import type { AppliedMigration, MigrationTable } from "./migration-table.js";
import type { Migration } from "./migration.js";
import type { MigrationHost } from "./migrator.js";
import type { StepEntry } from "./step-source.js";

/** A migration that would be run. */
export interface PlannedMigration {
  readonly name: string;
  readonly direction: Direction;
  /** With placeholders; `undefined` where it can't be tried without being done. */
  readonly statements: readonly string[] | undefined;
}

/** How far to plan. */
interface Extent {
  readonly direction: Direction;
  readonly steps: number;
  readonly signal: AbortSignal | undefined;
}

/** Carries the plan out of the transaction that it was made in. */
class Planned extends Error {
  readonly plan: readonly PlannedMigration[];

  constructor(plan: readonly PlannedMigration[]) {
    super("rolled back as planned");
    this.plan = plan;
  }
}

/** Tries migrations in one transaction, and rolls it back. */
export async function planMigrations(
  host: MigrationHost,
  table: MigrationTable,
  entries: readonly StepEntry<Migration>[],
  { direction, steps, signal }: Extent,
): Promise<readonly PlannedMigration[]> {
  const applied = await table.read();
  const names = namesOf(entries, applied, direction).slice(0, steps);
  if (names.length === 0) return [];
  if (!host.dialect.transactionalSchema) {
    return names.map((name) => ({ name, direction, statements: undefined }));
  }
  const work = async (): Promise<never> => {
    if (host.dialect.lockMigrations && !(await host.dialect.lockMigrations(host.knex))) {
      throw new MigrationLockedError("another process is migrating");
    }
    throw new Planned(await tryOut(host, table, entries, direction, names));
  };
  try {
    return await host.transaction(work, signal ? { signal } : {});
  } catch (error) {
    if (error instanceof Planned) return error.plan;
    throw error;
  }
}

async function tryOut(
  { knex, ambient }: MigrationHost,
  table: MigrationTable,
  entries: readonly StepEntry<Migration>[],
  direction: Direction,
  names: readonly string[],
): Promise<readonly PlannedMigration[]> {
  const trx = ambient.current()?.trx ?? knex;
  const plan: PlannedMigration[] = [];
  await table.create();
  for (const name of names) {
    const next = await nextStep(direction, entries, await table.read());
    // what comes after a step that can't be tried may stand on it
    if (!next || next.migration.transaction === false) break;
    const statements: string[] = [];
    const note = ({ sql }: { readonly sql: string }): void => void statements.push(sql);
    trx.client.on("query", note);
    await applyMigration(next, direction, 0, table, trx);
    trx.client.off("query", note);
    // the first and the last are those that write it down
    plan.push({ name, direction, statements: statements.slice(1, -1) });
  }
  const tried = plan.length;
  return [
    ...plan,
    ...names.slice(tried).map((name) => ({ name, direction, statements: undefined })),
  ];
}

function namesOf(
  entries: readonly StepEntry<Migration>[],
  applied: readonly AppliedMigration[],
  direction: Direction,
): readonly string[] {
  const done = applied.map(({ name }) => name);
  return direction === "down"
    ? done.toReversed()
    : entries.map(({ name }) => name).filter((name) => !done.includes(name));
}
