import type { SqlPool } from "@infra/interfaces";

import type { SideStore } from "./bull-types.js";

const tables = `
create table if not exists infra_schedule (
  queue text not null, key text not null, spec text not null, next_ms bigint not null,
  claimed_until_ms bigint not null default 0, primary key (queue, key)
);
create table if not exists infra_round (
  queue text not null, tenant text not null, last bigint not null, primary key (queue, tenant)
)`;

/** Makes the tables of {@link SqlSideStore}, within BullMQ's schema; processes that start together take turns. */
export async function createSideTables(pool: SqlPool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("begin");
    await client.query("select pg_advisory_xact_lock(hashtext('infra.jobs'))");
    await client.query(tables);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback").catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}

/** Schedules and the rounds of tenants in PostgreSQL, beside BullMQ's own tables. */
export class SqlSideStore implements SideStore {
  readonly #pool: SqlPool;
  readonly #queue: string;
  readonly #placesPerPriority: number;

  constructor(pool: SqlPool, queue: string, placesPerPriority: number) {
    this.#pool = pool;
    this.#queue = queue;
    this.#placesPerPriority = placesPerPriority;
  }

  async schedules(): Promise<readonly { key: string; spec: string; nextMs: number }[]> {
    const { rows } = await this.#pool.query<{ key: string; spec: string; next_ms: string }>(
      "select key, spec, next_ms from infra_schedule where queue = $1 order by key",
      [this.#queue],
    );
    return rows.map(({ key, spec, next_ms }) => ({ key, spec, nextMs: Number(next_ms) }));
  }

  async putSchedule({ key, spec, nextMs }: { key: string; spec: string; nextMs: number }) {
    await this.#pool.query(
      `insert into infra_schedule (queue, key, spec, next_ms) values ($1, $2, $3, $4)
       on conflict (queue, key) do update
       set spec = excluded.spec, next_ms = excluded.next_ms, claimed_until_ms = 0
       where infra_schedule.spec <> excluded.spec`,
      [this.#queue, key, spec, nextMs],
    );
  }

  async removeSchedule(key: string): Promise<boolean> {
    const { rowCount } = await this.#pool.query(
      "delete from infra_schedule where queue = $1 and key = $2",
      [this.#queue, key],
    );
    return rowCount === 1;
  }

  async claimSlot(slot: { key: string; slotMs: number; nowMs: number; forMs: number }) {
    const { rowCount } = await this.#pool.query(
      `update infra_schedule set claimed_until_ms = $4
       where queue = $1 and key = $2 and next_ms = $3 and claimed_until_ms <= $5`,
      [this.#queue, slot.key, slot.slotMs, slot.nowMs + slot.forMs, slot.nowMs],
    );
    return rowCount === 1;
  }

  async passSlot({ key, slotMs, nextMs }: { key: string; slotMs: number; nextMs: number }) {
    await this.#pool.query(
      `update infra_schedule set next_ms = $4, claimed_until_ms = 0
       where queue = $1 and key = $2 and next_ms = $3`,
      [this.#queue, key, slotMs, nextMs],
    );
  }

  async rounds(counts: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, number>> {
    const head = await this.#pool.query<{ priority: number }>(
      `select priority from job where queue = $1 and state = 'waiting' and priority > 0
       order by priority limit 1`,
      [this.#queue],
    );
    const first = head.rows[0];
    const now = first ? Math.max(0, ((first.priority - 1) % this.#placesPerPriority) - 1) : 0;
    // nobody waits: all begin anew
    if (!first) await this.#pool.query("delete from infra_round where queue = $1", [this.#queue]);
    const tenants = [...counts.keys()].toSorted();
    const { rows } = await this.#pool.query<{ tenant: string; last: string }>(
      `insert into infra_round (queue, tenant, last)
       select $1, tenant, $2::bigint + added - 1 from unnest($3::text[], $4::bigint[]) as given(tenant, added)
       on conflict (queue, tenant) do update
       set last = greatest(infra_round.last, $2::bigint - 1) + excluded.last - $2::bigint + 1
       returning tenant, last`,
      [this.#queue, now, tenants, tenants.map((tenant) => counts.get(tenant)!)],
    );
    return new Map(
      rows.map(({ tenant, last }) => [tenant, Number(last) - counts.get(tenant)! + 1]),
    );
  }
}
