import type { Knex } from "knex";

import type { Dialect } from "./dialect.js";
import type { JoiningClient } from "./joining-client.js";
import { runBuilder } from "./run-builder.js";
import type { TransactionScope } from "./transaction-scope.js";

/** Options of `DatabaseService.stream`. */
export interface StreamOptions {
  /** Rows that are read at a time. @default 500 */
  readonly batchSize?: number;
  /** Ends the stream, and the statement that reads the next batch. */
  readonly signal?: AbortSignal;
}

/** A query that can be streamed: a builder of knex, what `knex.raw` gives, or a statement of `db.sql`. */
export interface StreamableQuery {
  toSQL(): { readonly sql: string; readonly bindings: readonly unknown[] };
}

/** What {@link streamRows} needs of the service. */
export interface StreamHost {
  readonly knex: Knex;
  readonly dialect: Dialect;
  readonly scope: () => TransactionScope | undefined;
}

/** Reads a query piece by piece, in the ambient transaction or one of its own. */
export async function* streamRows<Row>(
  { knex, dialect, scope }: StreamHost,
  query: StreamableQuery,
  { batchSize = 500, signal }: StreamOptions,
): AsyncGenerator<Row, void, undefined> {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(`batchSize must be a whole number above 0, got ${batchSize}`);
  }
  const { sql, bindings } = query.toSQL();
  const outer = scope()?.trx;
  const own = !outer && dialect.readsInTransaction ? await knex.transaction() : undefined;
  const on = outer ?? own ?? knex;
  try {
    yield* dialect.readRows<Row>({
      client: on.client as JoiningClient,
      sql,
      bindings,
      batchSize,
      signal,
      run: (text, values = []) =>
        runBuilder(
          on.client,
          on.raw(text, values as Knex.RawBinding[]),
          // what ends the reading must not be called off
          signal && !/^(close|drop) /.test(text) ? { signal } : {},
        ),
    });
  } finally {
    await own?.rollback();
  }
}
