import type { Knex } from "knex";

import type { Dialect } from "./dialect.js";

/** Options of `DatabaseService.insertMany`. */
export interface InsertManyOptions {
  /** Rows of one statement at the most. @default 1000, less when the engine can't bind that much */
  readonly batchSize?: number;
}

/** Options of `DatabaseService.upsertMany`. */
export interface UpsertManyOptions<Row> extends InsertManyOptions {
  /** The columns of the unique key that a row may be there by. MySQL takes any unique key. */
  readonly key: readonly (keyof Row & string)[];
  /** The columns that are changed when it is. @default all that are given and not in `key`; none means: leave it be */
  readonly update?: readonly (keyof Row & string)[];
}

/** What bulk statements are run with. */
export interface BulkHost {
  readonly knex: Knex;
  readonly dialect: Dialect;
  readonly transaction: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Inserts rows, all or none. */
export async function insertMany(
  host: BulkHost,
  table: string,
  rows: Iterable<object> | AsyncIterable<object>,
  { batchSize }: InsertManyOptions,
): Promise<number> {
  return inBatches(host, rows, batchSize, async (batch) => {
    await host.knex(table).insert(batch);
  });
}

/** Inserts rows, and changes those that are there already; all or none. */
export async function upsertMany<Row extends object>(
  host: BulkHost,
  table: string,
  rows: Iterable<Row> | AsyncIterable<Row>,
  { batchSize, key, update }: UpsertManyOptions<Row>,
): Promise<number> {
  if (!Array.isArray(key) || key.length === 0) {
    throw new TypeError("key must name the columns of a unique key, got none");
  }
  return inBatches(host, rows, batchSize, async (batch) => {
    const given = Object.keys(batch[0]!).filter(
      (name) => !(key as readonly string[]).includes(name),
    );
    const changed: readonly string[] = update ?? given;
    const conflict = host
      .knex(table)
      .insert(batch)
      .onConflict([...key]);
    await (changed.length === 0 ? conflict.ignore() : conflict.merge([...changed]));
  });
}

/**
 * Rows of one statement have the same columns: what a row does not give is left to the table's default, which not every
 * engine can be told within a statement.
 */
async function inBatches<Row extends object>(
  { dialect, transaction }: BulkHost,
  rows: Iterable<Row> | AsyncIterable<Row>,
  batchSize = 1_000,
  write: (batch: readonly Row[]) => Promise<void>,
): Promise<number> {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(`batchSize must be a whole number above 0, got ${batchSize}`);
  }
  return transaction(async () => {
    let written = 0;
    let batch: Row[] = [];
    let shape = "";
    const flush = async (): Promise<void> => {
      if (batch.length > 0) await write(batch);
      written += batch.length;
      batch = [];
    };
    for await (const given of rows) {
      const row = defined(given);
      const columns = Object.keys(row);
      const bindable = Math.floor(dialect.maxBindings / Math.max(columns.length, 1));
      const most = Math.min(batchSize, dialect.maxRows, bindable);
      if (columns.join() !== shape || batch.length >= most) await flush();
      shape = columns.join();
      batch.push(row);
    }
    await flush();
    return written;
  });
}

/** The same columns in the same order, whatever the order they were written in. */
function defined<Row extends object>(row: Row): Row {
  const entries = Object.entries(row).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1))) as Row;
}
