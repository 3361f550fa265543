import type { Backend } from "./backend.js";
import type { Counters } from "./counters.js";
import type { Multiplexer } from "./multiplexer.js";

const walLimitBytes = 64 * 1024 ** 2;

// As PostgreSQL's autovacuum decides: so many dead rows, and so many more per live row.
const deadRows = 1000;
const deadShare = 0.2;
const vacuumsAtOnce = 5;

// Transactions after which rows have to be frozen, long before their numbers run out.
const freezeAge = 200_000_000;

/**
 * What a server's background processes do, and a backend alone does not: checkpoints, so that the log does not grow for
 * ever, and VACUUM, so that tables do not.
 */
export class Maintenance {
  readonly #backend: Backend;
  readonly #multiplexer: Multiplexer;
  readonly #counters: Counters;

  constructor(backend: Backend, multiplexer: Multiplexer, counters: Counters) {
    this.#backend = backend;
    this.#multiplexer = multiplexer;
    this.#counters = counters;
  }

  /** Does what is due, between other requests; nothing while a transaction is open. */
  async run(): Promise<void> {
    if (this.#multiplexer.busy) return;
    const [overdue, tables] = await this.#multiplexer.run(() => {
      if (this.#number(walSql) > walLimitBytes) this.#checkpoint();
      return [this.#number(ageSql) > freezeAge, this.#backend.rows(deadRowsSql)] as const;
    });
    const statements = tables.map(([table]) => `vacuum (analyze) ${table}`);
    if (overdue) statements.push("vacuum (freeze)");
    for (const statement of statements) {
      await this.#multiplexer.run(() => {
        this.#backend.rows(statement);
        this.#counters.add("vacuums");
      });
    }
  }

  /** Writes all that is in the log to its place, so that the next start has nothing to recover. */
  checkpoint(): Promise<void> {
    return this.#multiplexer.run(() => this.#checkpoint());
  }

  #checkpoint(): void {
    this.#backend.rows("checkpoint");
    this.#counters.add("checkpoints");
  }

  #number(sql: string): number {
    return Number(this.#backend.rows(sql)[0]?.[0]);
  }
}

const walSql =
  "select pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), redo_lsn) from pg_catalog.pg_control_checkpoint()";

const ageSql =
  "select pg_catalog.max(pg_catalog.age(datfrozenxid)) from pg_catalog.pg_database where datname = current_database()";

const deadRowsSql = `
  select pg_catalog.format('%I.%I', schemaname, relname) from pg_catalog.pg_stat_user_tables
    where n_dead_tup > ${deadRows} + ${deadShare} * n_live_tup
    order by n_dead_tup desc limit ${vacuumsAtOnce}`;
