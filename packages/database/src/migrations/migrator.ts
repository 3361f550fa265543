import type { Logger } from "@infra/interfaces";
import type { Knex } from "knex";

import { pause } from "../connect-with-retry.js";
import {
  LockTimeoutError,
  MigrationError,
  MigrationLockedError,
  MigrationSourceError,
  TransactionStateError,
} from "../errors.js";
import type { TransactionScope } from "../transaction-scope.js";
import type { InternalTransactionOptions } from "../transactions.js";
import { migrationName, readMigrations, type MigrationEntry } from "./migration-source.js";
import type { Migration } from "./migration.js";

/** Options of the calls that migrate. */
export interface MigrateOptions {
  readonly signal?: AbortSignal;
}

/** Where a migration stands; `missing` has been applied but is not among the migrations any more. */
export interface MigrationStatus {
  readonly name: string;
  readonly state: "applied" | "pending" | "missing";
  readonly appliedAt?: Date;
}

/** What the migrator needs of the service. */
export interface MigrationHost {
  readonly source: string | URL | readonly Migration[] | undefined;
  readonly logger: Logger;
  /** The root handle, which joins the ambient transaction. */
  readonly knex: Knex;
  scope(): TransactionScope | undefined;
  transaction<T>(work: () => Promise<T>, options: InternalTransactionOptions): Promise<T>;
}

interface AppliedRow {
  readonly id: number;
  name: string;
  readonly batch: number;
  readonly migration_time: Date;
}

type Direction = "up" | "down";

const table = "infra_migrations";
const lockTimeoutMs = 60_000;
const lockPauseMs = 50;
/** `infra` and `migr`, as two numbers: the name of the lock. */
const lockKey = [0x696e_6672, 0x6d69_6772] as const;

/**
 * Runs migrations, one transaction each, which holds a lock of the engine: processes that start together take turns,
 * and a crash leaves neither a lock nor half a migration behind.
 */
export class Migrator {
  readonly #host: MigrationHost;

  constructor(host: MigrationHost) {
    this.#host = host;
  }

  /** Runs every migration that is missing, in order; gives the names of those that this call ran. */
  latest(options: MigrateOptions = {}): Promise<readonly string[]> {
    return this.#repeat("up", Infinity, options);
  }

  /** Runs the next migration; gives its name, or nothing when there is none left. */
  up(options: MigrateOptions = {}): Promise<readonly string[]> {
    return this.#repeat("up", 1, options);
  }

  /** Undoes the migration that was applied last; gives its name, or nothing when none is applied. */
  down(options: MigrateOptions = {}): Promise<readonly string[]> {
    return this.#repeat("down", 1, options);
  }

  /** Every migration, and whether it has been applied. Changes nothing. */
  async status(): Promise<readonly MigrationStatus[]> {
    const entries = await this.#entries();
    const applied = new Map(
      ((await this.#tableExists()) ? await this.#applied() : []).map((row) => [row.name, row]),
    );
    const known = new Set(entries.map(({ name }) => name));
    const missing = [...applied.keys()].filter((name) => !known.has(name));
    return [...missing, ...known].map((name) => {
      const row = applied.get(name);
      if (!row) return { name, state: "pending" };
      return {
        name,
        state: known.has(name) ? "applied" : "missing",
        appliedAt: row.migration_time,
      };
    });
  }

  async #repeat(
    direction: Direction,
    limit: number,
    { signal }: MigrateOptions,
  ): Promise<readonly string[]> {
    if (this.#host.scope()) {
      throw new TransactionStateError(
        "migrations run in transactions of their own and can't be run inside another",
      );
    }
    const entries = await this.#entries();
    const done: string[] = [];
    const giveUpAt = performance.now() + lockTimeoutMs;
    let batch: number | undefined;
    while (done.length < limit) {
      const step = await this.#step(direction, entries, batch, signal);
      if (step === "done") break;
      if (step === "locked") {
        if (performance.now() > giveUpAt) {
          throw new MigrationLockedError(
            `another process has been migrating for more than ${lockTimeoutMs / 1000} s`,
          );
        }
        await pause(lockPauseMs, signal);
      } else {
        batch = step.batch;
        done.push(step.name);
      }
    }
    return done;
  }

  /** One migration in one transaction, chosen once the lock is held: another process may have run it meanwhile. */
  async #step(
    direction: Direction,
    entries: readonly MigrationEntry[],
    batch: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<"done" | "locked" | { readonly name: string; readonly batch: number }> {
    const { knex, logger } = this.#host;
    try {
      return await this.#host.transaction(
        async () => {
          if (!(await this.#lock())) return "locked";
          await this.#createTable();
          const applied = await this.#applied();
          const last = applied.at(-1);
          const entry =
            direction === "up" ? nextOf(entries, applied) : last && entryOf(entries, last);
          if (!entry) return "done";
          const migration = await entry.load();
          const startedAt = performance.now();
          await this.#apply(migration, direction);
          const at = batch ?? Math.max(0, ...applied.map((row) => row.batch)) + 1;
          if (direction === "up") {
            await knex(table).insert({
              name: entry.name,
              batch: at,
              migration_time: knex.fn.now(),
            });
          } else {
            await knex(table).where({ id: last!.id }).delete();
          }
          const elapsedMs = Math.round(performance.now() - startedAt);
          logger.info(`migration ${direction}`, { migration: entry.name, elapsedMs });
          return { name: entry.name, batch: at };
        },
        { unlimited: true, ...(signal && { signal }) },
      );
    } catch (error) {
      // the embedded engine makes others wait for the transaction itself
      if (LockTimeoutError.is(error)) return "locked";
      throw error;
    }
  }

  async #apply(migration: Migration, direction: Direction): Promise<void> {
    const { name } = migration;
    if (!migration[direction]) {
      throw new MigrationSourceError(`the migration ${name} has no function down(knex)`, {
        details: { migration: name },
      });
    }
    try {
      await migration[direction](this.#host.scope()!.trx);
    } catch (cause) {
      throw new MigrationError(
        `the migration ${name} failed going ${direction} and was rolled back: ${(cause as Error).message}`,
        { cause, details: { migration: name, direction } },
      );
    }
  }

  async #entries(): Promise<readonly MigrationEntry[]> {
    const { source } = this.#host;
    if (source === undefined) {
      throw new MigrationSourceError(
        "there are no migrations: give DatabaseService the option migrations, a folder or a list",
      );
    }
    return readMigrations(source);
  }

  /** Held until the transaction ends. Asked for without waiting: a waiting statement would hold a snapshot. */
  async #lock(): Promise<boolean> {
    const { rows } = await this.#host.knex.raw<{ rows: { locked: boolean }[] }>(
      "select pg_try_advisory_xact_lock(?, ?) as locked",
      [...lockKey],
    );
    return rows[0]!.locked;
  }

  /** The columns are those of knex's own table. */
  async #createTable(): Promise<void> {
    if (await this.#tableExists()) return;
    await this.#host.knex.schema.createTable(table, (columns) => {
      columns.increments("id");
      columns.text("name").notNullable().unique();
      columns.integer("batch").notNullable();
      columns.timestamp("migration_time", { useTz: true }).notNullable();
    });
  }

  #tableExists(): Promise<boolean> {
    return this.#host.knex.schema.hasTable(table);
  }

  async #applied(): Promise<readonly AppliedRow[]> {
    const rows: AppliedRow[] = await this.#host.knex(table).select("*").orderBy("id");
    for (const row of rows) row.name = migrationName(row.name);
    return rows;
  }
}

function nextOf(
  entries: readonly MigrationEntry[],
  applied: readonly AppliedRow[],
): MigrationEntry | undefined {
  const names = new Set(applied.map(({ name }) => name));
  return entries.find(({ name }) => !names.has(name));
}

function entryOf(entries: readonly MigrationEntry[], { name }: AppliedRow): MigrationEntry {
  const entry = entries.find((each) => each.name === name);
  if (!entry) {
    throw new MigrationSourceError(
      `the migration ${name} has been applied but is not among the migrations, so it can't be undone`,
      { details: { migration: name } },
    );
  }
  return entry;
}
