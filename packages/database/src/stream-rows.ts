import type { Knex } from "knex";

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
  scope(): TransactionScope | undefined;
}

let cursors = 0;

/** Reads a query through a cursor of the server, in the ambient transaction or one of its own. */
export async function* streamRows<Row>(
  host: StreamHost,
  query: StreamableQuery,
  { batchSize = 500, signal }: StreamOptions,
): AsyncGenerator<Row, void, undefined> {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(`batchSize must be a whole number above 0, got ${batchSize}`);
  }
  const { sql, bindings } = query.toSQL();
  const outer = host.scope()?.trx;
  const trx = outer ?? (await host.knex.transaction());
  const options = signal ? { signal } : {};
  const run = (text: string, values: readonly unknown[] = []): Promise<{ rows: Row[] }> =>
    runBuilder(trx.client, trx.raw(text, values as Knex.RawBinding[]), options);
  cursors += 1;
  const cursor = `infra_cursor_${cursors}`;
  let failed = false;
  try {
    await run(`declare ${cursor} no scroll cursor for ${sql}`, bindings);
    for (;;) {
      const { rows } = await run(`fetch ${batchSize} from ${cursor}`);
      yield* rows;
      if (rows.length < batchSize) break;
    }
  } catch (error) {
    failed = true;
    throw error;
  } finally {
    // a failed transaction has closed its cursors itself
    if (!outer) await trx.rollback();
    else if (!failed) await trx.raw(`close ${cursor}`);
  }
}
