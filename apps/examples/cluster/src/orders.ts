import type { Migration } from "@infra/database";
import { NotFoundError } from "@infra/errors";
import { tokens, type Cache, type Database, type Inject, type JobQueue } from "@infra/interfaces";
import { defineJob } from "@infra/jobs";

/** An order, and the process that packed it. */
export interface Order {
  readonly id: number;
  readonly item: string;
  readonly packedBy: number | null;
}

/** Packs an order. It may run again after a crash: packing twice is the same as once. */
export const packOrder = defineJob<{ readonly id: number }>("order.pack", {
  attempts: 10,
  backoff: { kind: "exponential", delay: "100ms", max: "5s" },
});

export const orderMigrations: readonly Migration[] = [
  {
    name: "001_orders",
    up: (knex) =>
      knex.schema.createTable("orders", (table) => {
        table.increments("id");
        table.text("item").notNullable();
        table.integer("packed_by");
      }),
    down: (knex) => knex.schema.dropTable("orders"),
  },
];

/** Orders in the database, behind a cache that all processes share. */
export class Orders {
  static readonly inject: Inject<typeof Orders> = {
    cache: tokens.cache,
    database: tokens.database,
    jobs: tokens.jobs,
  };
  readonly #deps;

  constructor(deps: {
    readonly cache: Cache;
    readonly database: Database;
    readonly jobs: JobQueue;
  }) {
    this.#deps = deps;
  }

  async place(item: string): Promise<number> {
    const { database, jobs } = this.#deps;
    const [row] = await database.query<{ id: number }>(
      "insert into orders (item) values (?) returning id",
      [item],
    );
    const { id } = row!;
    await jobs.enqueue(packOrder, { id }, { dedupeKey: String(id) });
    return id;
  }

  async find(id: number): Promise<Order> {
    const { cache, database } = this.#deps;
    return await cache.getOrSet(keyOf(id), async ({ signal }) => {
      const [order] = await database.query<Order>(
        'select id, item, packed_by as "packedBy" from orders where id = ?',
        [id],
        { signal },
      );
      if (!order) throw new NotFoundError(`there is no order ${id}`, { details: { id } });
      return order;
    });
  }

  async pack(id: number, by: number): Promise<void> {
    const { cache, database } = this.#deps;
    await database.query("update orders set packed_by = ? where id = ? and packed_by is null", [
      by,
      id,
    ]);
    await cache.delete(keyOf(id));
  }
}

const keyOf = (id: number): string => `order:${id}`;
