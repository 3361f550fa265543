import type { Logger, TransactionOptions } from "@infra/interfaces";
import type { Knex } from "knex";

import { pause } from "../connect-with-retry.js";
import type { Dialect } from "../dialect.js";
import type { Engine } from "../driver.js";
import { LockTimeoutError, MigrationLockedError, TransactionStateError } from "../errors.js";
import type { AmbientTransaction } from "../transaction-scope.js";
import { applyMigration, migrationFailed, nextStep, type Direction } from "./migration-step.js";
import { MigrationTable } from "./migration-table.js";
import type { Migration } from "./migration.js";
import { planMigrations, type PlannedMigration } from "./plan-migrations.js";
import { resolveMigration } from "./resolve-migration.js";
import { readSteps, type StepEntry, type StepSource } from "./step-source.js";

/** Options of the calls that migrate. */
export interface MigrateOptions {
  readonly signal?: AbortSignal;
}

/** Options of `up` and `down`. */
export interface MigrateStepsOptions extends MigrateOptions {
  /** How many migrations at the most; `Infinity` for all. @default 1 */
  readonly steps?: number;
}

/** Options of `plan`. */
export interface MigratePlanOptions extends MigrateStepsOptions {
  /** @default "up" */
  readonly direction?: Direction;
  /** @default Infinity when going up, 1 when going down */
  readonly steps?: number;
}

/**
 * Where a migration stands; `missing` has been applied but is not among the migrations any more, `interrupted` was begun
 * and never ended.
 */
export interface MigrationStatus {
  readonly name: string;
  readonly state: "applied" | "pending" | "missing" | "interrupted";
  readonly appliedAt?: Date;
}

/** What the migrator needs of the service. */
export interface MigrationHost {
  readonly source: StepSource<Migration> | undefined;
  readonly logger: Logger;
  readonly dialect: Dialect;
  /** The root handle, which joins the ambient transaction. */
  readonly knex: Knex;
  readonly ambient: AmbientTransaction;
  engine(): Promise<Engine>;
  transaction<T>(work: () => Promise<T>, options: TransactionOptions): Promise<T>;
}

const lockTimeoutMs = 60_000;
const lockPauseMs = 50;

/**
 * Runs migrations, each in a transaction that also holds a lock of the engine and writes down what it did: processes that
 * start together take turns, and a crash leaves neither a lock nor half a migration behind.
 */
export class Migrator {
  readonly #host: MigrationHost;
  readonly #table: MigrationTable;

  constructor(host: MigrationHost) {
    this.#host = host;
    this.#table = new MigrationTable(host.knex);
  }

  /** Runs every migration that is missing, in order; gives the names of those that this call ran. */
  latest({ signal }: MigrateOptions = {}): Promise<readonly string[]> {
    return this.#repeat("up", Infinity, signal);
  }

  /** Runs the next migration, or the next `steps`; gives their names. */
  up({ steps = 1, signal }: MigrateStepsOptions = {}): Promise<readonly string[]> {
    return this.#repeat("up", steps, signal);
  }

  /** Undoes the migration that was applied last, or the last `steps`; gives their names. */
  down({ steps = 1, signal }: MigrateStepsOptions = {}): Promise<readonly string[]> {
    return this.#repeat("down", steps, signal);
  }

  /**
   * The dry run: what would be done, and with which statements. Where the engine can, it is tried in a transaction that is
   * rolled back at the end; where it can't, the statements are left out.
   *
   * @throws MigrationError when one of them fails.
   */
  async plan({
    direction = "up",
    steps = direction === "up" ? Infinity : 1,
    signal,
  }: MigratePlanOptions = {}): Promise<readonly PlannedMigration[]> {
    this.#refuseTransaction();
    const entries = await this.#entries();
    return this.#host.ambient.migrate(() =>
      planMigrations(this.#host, this.#table, entries, { direction, steps, signal }),
    );
  }

  /** Every migration, and whether it has been applied. Changes nothing. */
  async status(): Promise<readonly MigrationStatus[]> {
    const entries = await this.#entries();
    const applied = new Map((await this.#table.read()).map((row) => [row.name, row]));
    const known = new Set(entries.map(({ name }) => name));
    const missing = [...applied.keys()].filter((name) => !known.has(name));
    return [...missing, ...known].map((name) => {
      const row = applied.get(name);
      if (!row) return { name, state: "pending" };
      const { appliedAt } = row;
      if (!appliedAt) return { name, state: "interrupted" };
      return { name, state: known.has(name) ? "applied" : "missing", appliedAt };
    });
  }

  /**
   * Says what became of a migration that is `interrupted`, once what it left has been mended by hand.
   *
   * @throws MigrationSourceError when the migration is not interrupted.
   */
  async resolve(name: string, as: "applied" | "pending"): Promise<void> {
    await resolveMigration(this.#table, name, as);
    this.#host.logger.info("migration resolved", { migration: name, as });
  }

  async #repeat(
    direction: Direction,
    limit: number,
    signal: AbortSignal | undefined,
  ): Promise<readonly string[]> {
    this.#refuseTransaction();
    if (!(limit >= 1)) throw new RangeError(`steps must be a number above 0, got ${limit}`);
    const entries = await this.#entries();
    const done: string[] = [];
    const giveUpAt = performance.now() + lockTimeoutMs;
    let batch: number | undefined;
    while (done.length < limit) {
      const step = await this.#host.ambient.migrate(() =>
        this.#step(direction, entries, batch, signal),
      );
      if (step === "done") break;
      if (typeof step === "string") {
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
    entries: readonly StepEntry<Migration>[],
    batch: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Step> {
    const engine = await this.#host.engine();
    const inTransaction = (): Promise<Step> =>
      this.#inTransaction(direction, entries, batch, signal);
    const outside = (): Promise<Step> => this.#apply(direction, entries, batch, "outside");
    if (engine.concurrentTransactions && this.#host.dialect.transactionalSchema) {
      // the lock is one of the transaction, which also works behind a pooler
      const step = await inTransaction();
      return step === "outside" ? this.#locked(engine, outside) : step;
    }
    return this.#locked(engine, async () => {
      // where it can't be made in the transaction, in which others wait their turn
      if (!this.#host.dialect.transactionalSchema) await this.#table.create();
      const step = await inTransaction();
      return step === "outside" ? outside() : step;
    });
  }

  async #locked(engine: Engine, work: () => Promise<Step>): Promise<Step> {
    await using lock = await engine.lock().catch(async (error: unknown) => {
      throw await this.#host.dialect.translate(error, undefined, () => Promise.resolve([]));
    });
    return lock ? await work() : "locked";
  }

  async #inTransaction(
    direction: Direction,
    entries: readonly StepEntry<Migration>[],
    batch: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Step> {
    const { dialect, knex } = this.#host;
    const work = async (): Promise<Step> => {
      if (dialect.lockMigrations && !(await dialect.lockMigrations(knex))) return "locked";
      return this.#apply(direction, entries, batch, "inside");
    };
    try {
      return await this.#host.transaction(work, signal ? { signal } : {});
    } catch (error) {
      // some engines make others wait for the transaction itself
      if (LockTimeoutError.is(error)) return "locked";
      throw await migrationFailed(error, this.#table);
    }
  }

  async #apply(
    direction: Direction,
    entries: readonly StepEntry<Migration>[],
    batch: number | undefined,
    where: "inside" | "outside",
  ): Promise<Step> {
    const { knex, ambient, logger } = this.#host;
    await this.#table.create();
    const applied = await this.#table.read();
    const next = await nextStep(direction, entries, applied);
    if (!next) return "done";
    if ((next.migration.transaction === false) !== (where === "outside")) {
      // somebody else may have gone on while the lock was not held
      return where === "inside" ? "outside" : "locked";
    }
    const at = batch ?? Math.max(0, ...applied.map((row) => row.batch)) + 1;
    const startedAt = performance.now();
    try {
      await applyMigration(next, direction, at, this.#table, ambient.current()?.trx ?? knex);
    } catch (error) {
      throw where === "outside" ? await migrationFailed(error, this.#table) : error;
    }
    const elapsedMs = Math.round(performance.now() - startedAt);
    logger.info(`migration ${direction}`, { migration: next.migration.name, elapsedMs });
    return { name: next.migration.name, batch: at };
  }

  #entries(): Promise<readonly StepEntry<Migration>[]> {
    return readSteps(this.#host.source, "migration", "up");
  }

  #refuseTransaction(): void {
    if (!this.#host.ambient.current()) return;
    throw new TransactionStateError(
      "migrations run in transactions of their own and can't be run inside another",
    );
  }
}

type Step = "done" | "locked" | "outside" | { readonly name: string; readonly batch: number };
