import type { Logger } from "@infra/interfaces";

import { redactBindings, redactSql } from "./redact.js";

/** A statement as knex hands it to its client. */
export interface Statement {
  sql: string;
  bindings?: readonly unknown[];
  /** Of a builder's `.timeout(ms)`. */
  timeout?: number | false | undefined;
  queryContext?: unknown;
}

/** What was counted since the service was made. */
export interface QueryCounts {
  readonly queries: number;
  readonly errors: number;
  readonly slowQueries: number;
  readonly transactions: {
    readonly committed: number;
    readonly rolledBack: number;
    readonly retried: number;
  };
}

/** Counts statements, writes each in debug, and the slow ones as warnings. */
export class QueryLog {
  readonly #logger: Logger;
  readonly #slowMs: number;
  queries = 0;
  errors = 0;
  slowQueries = 0;
  committed = 0;
  rolledBack = 0;
  retried = 0;

  constructor(logger: Logger, slowMs: number) {
    this.#logger = logger;
    this.#slowMs = slowMs;
  }

  record(statement: Statement, elapsedMs: number, error?: unknown): void {
    this.queries += 1;
    if (error !== undefined) this.errors += 1;
    const slow = elapsedMs > this.#slowMs;
    if (slow) this.slowQueries += 1;
    if (!slow && !this.#logger.isEnabled("debug")) return;
    const meta = {
      sql: redactSql(statement.sql),
      bindings: redactBindings(statement.bindings ?? []),
      elapsedMs: Math.round(elapsedMs * 100) / 100,
      ...(error !== undefined && { failed: true }),
    };
    if (slow) this.#logger.warn("slow query", meta);
    else this.#logger.debug("query", meta);
  }

  counts(): QueryCounts {
    const { queries, errors, slowQueries, committed, rolledBack, retried } = this;
    return { queries, errors, slowQueries, transactions: { committed, rolledBack, retried } };
  }
}
