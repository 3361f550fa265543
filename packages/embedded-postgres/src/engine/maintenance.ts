import type { Backend } from "./backend.js";
import type { Counters } from "./counters.js";
import type { Multiplexer } from "./multiplexer.js";

const walLimitBytes = 64 * 1024 ** 2;

// As PostgreSQL's autovacuum decides: so many dead or new rows, and so many more per live row.
const deadRows = 1000;
const deadShare = 0.2;
// And when it renews the planner's statistics.
const changedRows = 500;
const changedShare = 0.1;
const tablesAtOnce = 5;

// Transactions after which rows have to be frozen, long before their numbers run out.
const freezeAge = 200_000_000;

/**
 * What a server's background processes do, and a backend alone does not: checkpoints, so that the log does not grow for
 * ever, VACUUM, so that tables do not, and ANALYZE, so that queries are planned for what there is.
 */
export class Maintenance {
  readonly #backend: Backend;
  readonly #multiplexer: Multiplexer;
  readonly #counters: Counters;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(backend: Backend, multiplexer: Multiplexer, counters: Counters) {
    this.#backend = backend;
    this.#multiplexer = multiplexer;
    this.#counters = counters;
  }

  /** Does what is due, between other requests: at the next moment when no transaction is open. One run at a time. */
  run(): Promise<void> {
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** Does nothing more of what is due. */
  stop(): void {
    this.#stopped = true;
  }

  /** Writes all that is in the log to its place, so that the next start has nothing to recover. */
  checkpoint(): Promise<void> {
    return this.#multiplexer.run(() => this.#checkpoint());
  }

  async #run(): Promise<void> {
    const [overdue, tables] = await this.#multiplexer.run(() => {
      if (this.#number(walSql) > walLimitBytes) this.#checkpoint();
      return [this.#number(ageSql) > freezeAge, this.#backend.rows(dueSql)] as const;
    });
    const due = tables.map(([command, table]) => ({ command: command!, table: table! }));
    if (overdue) due.push({ command: "vacuum (freeze)", table: "" });
    for (const { command, table } of due) {
      if (this.#stopped) return;
      await this.#multiplexer.run(() => {
        this.#backend.rows(`${command} ${table}`);
        this.#counters.add(command === "analyze" ? "analyzes" : "vacuums");
      });
    }
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

const dueSql = `
  select case when vacuum then 'vacuum (analyze)' else 'analyze' end, pg_catalog.format('%I.%I', schemaname, relname)
    from (
      select *, greatest(n_dead_tup, n_ins_since_vacuum) > ${deadRows} + ${deadShare} * n_live_tup as vacuum
        from pg_catalog.pg_stat_user_tables) tables
    where vacuum or n_mod_since_analyze > ${changedRows} + ${changedShare} * n_live_tup
    order by n_dead_tup desc, n_mod_since_analyze desc limit ${tablesAtOnce}`;
