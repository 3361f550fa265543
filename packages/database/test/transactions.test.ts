import { beforeAll, expect, it } from "@jest/globals";

import { CancelledError, type DatabaseService } from "../src/index.js";
import { describeOnEngines } from "./engines.js";

describeOnEngines(
  "transaction() on PostgreSQL",
  (engine) => {
    let db: DatabaseService;
    beforeAll(async () => {
      db = await engine.open({ maxConnections: 4 });
      await db.query("create table counters (id int primary key, n int not null)");
      await db.query("insert into counters values (1, 0), (2, 0)");
    }, 60_000);

    it("applies isolation and readOnly", async () => {
      const settings = async (): Promise<unknown> => [
        ...(await db.query("show transaction_isolation")),
        ...(await db.query("show transaction_read_only")),
      ];
      expect(await db.transaction(settings, { isolation: "serializable", readOnly: true })).toEqual(
        [{ transaction_isolation: "serializable" }, { transaction_read_only: "on" }],
      );
    });

    it("retries a real serialisation failure until both are through", async () => {
      let arrived = 0;
      let open!: () => void;
      const both = new Promise<void>((resolve) => (open = resolve));
      const move = (from: number, to: number): Promise<void> =>
        db.transaction(
          async () => {
            const [row] = await db.query<{ n: number }>("select n from counters where id = ?", [
              from,
            ]);
            arrived += 1;
            if (arrived === 2) open();
            await both;
            await db.query("update counters set n = ? where id = ?", [row!.n + 1, to]);
          },
          { isolation: "serializable", retries: 3 },
        );
      await Promise.all([move(1, 2), move(2, 1)]);
      expect(db.stats().transactions.retried).toBeGreaterThan(0);
      expect(await db.knex("counters").sum({ n: "n" })).toEqual([{ n: "3" }]);
    }, 20_000);

    it("signal: cancels the statement that runs on the server", async () => {
      const startedAt = performance.now();
      const controller = new AbortController();
      const outcome = db.transaction(
        async () => {
          const slow = db.query("select pg_sleep(20)");
          setTimeout(() => controller.abort(), 100);
          await slow;
        },
        { signal: controller.signal },
      );
      await expect(outcome).rejects.toThrow(CancelledError);
      expect(performance.now() - startedAt).toBeLessThan(5_000);
      expect(db.stats().pool.used).toBe(0);
    }, 20_000);
  },
  ["postgres"],
);
