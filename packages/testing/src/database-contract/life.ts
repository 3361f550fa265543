import type { ContractSuite } from "../database-contract.js";
import { describe, expect, it } from "../runner.js";
import { itUnless } from "./it-unless.js";

/** Starting, stopping, health, and the bounds of the pool. */
export function describeDatabaseLife(suite: ContractSuite): void {
  describe("start() and stop()", () => {
    it("are idempotent, first use starts, use after stop() is refused, start() opens again", async () => {
      const db = await suite.open();
      expect(await db.health()).toEqual({
        status: "down",
        message: "the database is not connected (idle)",
      });
      await Promise.all([db.query("select 1"), db.connect(), db.start()]);
      await db.connect();
      expect(await db.health()).toMatchObject({
        status: "up",
        details: { latencyMs: expect.any(Number) },
      });
      await Promise.all([db.disconnect(), db.stop()]);
      await db.stop();
      const stopped = { code: "ERR_DATABASE_STOPPED" };
      await expect(db.query("select 1")).rejects.toMatchObject(stopped);
      await expect(db.transaction(() => Promise.resolve())).rejects.toMatchObject(stopped);
      await expect(db.openPool()).rejects.toMatchObject(stopped);
      expect((await db.health()).status).toBe("down");
      await db.start();
      expect(await db.query("select 1 as n")).toEqual([{ n: 1 }]);
    }, 60_000);

    it("stop() lets what is in flight end", async () => {
      const db = await suite.open();
      await db.knex.schema.createTable("kept", (table) => table.integer("id"));
      let inside!: () => void;
      const begun = new Promise<void>((resolve) => (inside = resolve));
      let go!: () => void;
      const gone = new Promise<void>((resolve) => (go = resolve));
      const work = db.transaction(async () => {
        await db.table("kept").insert({ id: 1 });
        inside();
        await gone;
        return db.table("kept");
      });
      await begun;
      const stopping = db.stop();
      go();
      expect(await work).toEqual([{ id: 1 }]);
      await stopping;
    }, 60_000);

    it("stop() ends within stopTimeout although a transaction never does", async () => {
      const db = await suite.open({ stopTimeout: 300 });
      let inside!: () => void;
      const begun = new Promise<void>((resolve) => (inside = resolve));
      const stuck = db.transaction(async () => {
        await db.query("select 1");
        inside();
        await new Promise(() => {});
      });
      stuck.catch(() => {});
      await begun;
      await db.stop();
      await expect(db.query("select 1")).rejects.toMatchObject({ code: "ERR_DATABASE_STOPPED" });
    }, 30_000);

    it("the wait for a connection has an end that says which bound was reached", async () => {
      const db = await suite.open({ maxConnections: 1, acquireTimeout: 200 });
      const held = await db.knex.transaction();
      const outcome = db.query("select 1");
      await expect(outcome).rejects.toMatchObject({ code: "ERR_DATABASE_POOL_EXHAUSTED" });
      await expect(outcome).rejects.toThrow(/within 200 ms \(acquireTimeout\): 1 of 1/);
      expect(await db.health()).toMatchObject({ status: "degraded" });
      await held.rollback();
      expect(await db.query("select 1 as n")).toEqual([{ n: 1 }]);
    }, 60_000);

    itUnless(
      suite.noCancelling,
      "giving up a statement frees what it waited for, and the connection is of use afterwards",
      async () => {
        const db = await suite.open({ maxConnections: 2 });
        await db.knex.schema.createTable("locked", (table) => table.integer("id").primary());
        await db.table("locked").insert({ id: 1 });
        const held = await db.knex.transaction();
        await held("locked").where({ id: 1 }).update({ id: 2 });
        const wanted = "update locked set id = 3 where id = 1";
        await expect(db.query(wanted, [], { timeout: 100 })).rejects.toMatchObject({
          code: "ERR_DATABASE_QUERY_TIMEOUT",
        });
        const controller = new AbortController();
        setTimeout(() => controller.abort(), 50);
        await expect(
          db.run(db.knex.raw(wanted), { signal: controller.signal }),
        ).rejects.toMatchObject({ code: "ERR_DATABASE_CANCELLED" });
        await expect(db.knex.raw(wanted).timeout(100)).rejects.toMatchObject({
          code: "ERR_DATABASE_QUERY_TIMEOUT",
        });
        await held.commit();
        expect(await db.table("locked")).toEqual([{ id: 2 }]);
        expect(db.stats().pool.used).toBe(0);
      },
      30_000,
    );
  });
}
