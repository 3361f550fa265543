import type {
  Clock,
  RateLimitResult,
  RateLimitRule,
  RateLimitStore,
  SqlPool,
} from "@infra/interfaces";

import { AttemptBatcher } from "../attempt-batcher.js";
import { quietMs, results, slotMs, type Attempts } from "../sliding-window.js";

/** Options of {@link PostgresRateLimitStore}. */
export interface PostgresRateLimitStoreOptions {
  /** A pool of `pg`, or what `Database.openPool()` gives; stays yours to close. */
  readonly pool: Pick<SqlPool, "query">;
  /** The table, made on first use; letters, digits, `_`, and one dot after a schema. @default "rate_limits" */
  readonly table?: string;
  /** Time for tests. @default that of the database server, the same for every process */
  readonly clock?: Clock;
}

interface Row {
  readonly now_ms: string;
  readonly granted: string;
  readonly burst_used: string;
  readonly slots: string[] | null;
  readonly counts: string[] | null;
}

/** Expired rows go with every so many calls. */
const callsBetweenSweeps = 1000;

/** Counts in a table of PostgreSQL, exactly, however many processes ask. One statement for a call. */
export class PostgresRateLimitStore implements RateLimitStore {
  readonly #pool: Pick<SqlPool, "query">;
  readonly #table: string;
  readonly #clock: Clock | undefined;
  readonly #batcher = new AttemptBatcher((key, attempts) => this.#ask(key, attempts));
  #made: Promise<unknown> | undefined;
  #calls = 0;

  constructor(options: PostgresRateLimitStoreOptions) {
    const { pool, table = "rate_limits", clock } = options;
    if (typeof pool?.query !== "function") throw new TypeError("pool must be a pool of pg");
    if (!/^([a-z_]\w*\.)?[a-z_]\w*$/i.test(table)) {
      throw new TypeError(`table must be a name of SQL, got ${JSON.stringify(table)}`);
    }
    this.#pool = pool;
    this.#table = table;
    this.#clock = clock;
  }

  consume(
    key: string,
    rule: RateLimitRule,
    options?: { readonly cost?: number | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<RateLimitResult> {
    return this.#batcher.consume(key, rule, options as { cost?: number; signal?: AbortSignal });
  }

  async reset(key: string): Promise<void> {
    await this.#make();
    await this.#pool.query(`delete from ${this.#table} where key = $1`, [key]);
  }

  async #ask(key: string, attempts: Attempts): Promise<readonly RateLimitResult[]> {
    await this.#make();
    const { rule, cost, count } = attempts;
    const { limit, windowMs, burst = 0 } = rule;
    const now = this.#clock?.now() ?? null;
    const { rows } = await this.#pool.query<Row>(consumeSql(this.#table), [
      key,
      windowMs,
      limit,
      burst,
      cost,
      count,
      slotMs(rule),
      quietMs(rule),
      now,
    ]);
    const { now_ms, granted, burst_used, slots, counts } = rows[0]!;
    const state = {
      slots: (slots ?? []).map((slot, at) => [Number(slot), Number(counts![at])] as const),
      burstUsed: Number(burst_used),
    };
    this.#calls += 1;
    if (this.#calls % callsBetweenSweeps === 0) void this.#sweep(now).catch(() => undefined);
    return results(Number(granted), state, attempts, Number(now_ms));
  }

  /** What it can't delete now, another turn does. */
  async #sweep(now: number | null): Promise<void> {
    await this.#pool.query(
      `delete from ${this.#table} where (key, window_ms) in (select key, window_ms from ${this.#table}
        where expires_ms < coalesce($1::bigint, (extract(epoch from clock_timestamp()) * 1000)::bigint)
        limit 10000 for update skip locked)`,
      [now],
    );
  }

  #make(): Promise<unknown> {
    // Not logged: after a crash every limit begins anew. Two processes may begin at once: one makes it.
    this.#made ??= this.#pool
      .query(
        `do $$ begin
          perform pg_advisory_xact_lock(hashtext('infra.rate_limits'));
          create unlogged table if not exists ${this.#table} (
            key text not null, window_ms bigint not null, slots bigint[], counts bigint[],
            burst_used bigint not null, granted bigint not null, now_ms bigint not null, expires_ms bigint not null,
            primary key (key, window_ms));
          create index if not exists ${this.#table.replace(".", "_")}_expires on ${this.#table} (expires_ms);
        end $$`,
      )
      .catch((error: unknown) => {
        this.#made = undefined;
        throw error;
      });
    return this.#made;
  }
}

/**
 * The counterpart of `count()`, atomic by `on conflict do update`, which sees the row as whoever was before left it.
 * $1 key, $2 window, $3 limit, $4 burst, $5 cost, $6 count, $7 width of a slot, $8 quiet time, $9 now or null
 */
function consumeSql(table: string): string {
  const window = "$2::bigint";
  const limit = "$3::bigint";
  const burst = "$4::bigint";
  const cost = "$5::bigint";
  const wanted = "$6::bigint";
  const width = "$7::bigint";
  const quiet = "$8::bigint";
  const end = `(h.slot + 1) * ${width} + ${window}`;
  const clock = "coalesce($9::bigint, (extract(epoch from clock_timestamp()) * 1000)::bigint)";
  const fits = (room: string): string =>
    `case when ${cost} > 0 then least(${wanted}, (${room}) / ${cost}) else ${wanted} end`;
  return `
    insert into ${table} as r (key, window_ms, slots, counts, burst_used, granted, now_ms, expires_ms)
    select $1, ${window},
      case when g.granted * ${cost} > 0 then array[t.now / ${width}] end,
      case when g.granted * ${cost} > 0 then array[g.granted * ${cost}] end,
      greatest(0, g.granted * ${cost} - ${limit}), g.granted, t.now, t.now + ${window} + ${quiet} + 2 * ${width}
    from (select ${clock} as now) t
    cross join lateral (select ${fits(`${limit} + ${burst}`)} as granted) g
    on conflict (key, window_ms) do update set (slots, counts, burst_used, granted, now_ms, expires_ms) = (
      select s.slots, s.counts, u.used + greatest(0, g.granted * ${cost} - u.free), g.granted, t.now,
        t.now + ${window} + ${quiet} + 2 * ${width}
      from (select ${clock} as now) t
      cross join lateral (
        select coalesce(sum(h.count) filter (where ${end} > t.now), 0)::bigint as total, count(*) as kept
        from unnest(r.slots, r.counts) as h(slot, count) where ${end} + ${quiet} > t.now) a
      cross join lateral (
        select case when a.kept = 0 then 0 else r.burst_used end as used, greatest(0, ${limit} - a.total) as free) u
      cross join lateral (select ${fits(`u.free + greatest(0, ${burst} - u.used)`)} as granted) g
      cross join lateral (
        select array_agg(c.slot order by c.slot) as slots, array_agg(c.count order by c.slot) as counts from (
          select e.slot, sum(e.count)::bigint as count from (
            select h.slot, h.count from unnest(r.slots, r.counts) as h(slot, count)
            where ${end} + ${quiet} > t.now
            union all
            select t.now / ${width}, g.granted * ${cost} where g.granted * ${cost} > 0) e
          group by e.slot) c) s)
    returning now_ms, granted, burst_used, slots, counts`;
}
