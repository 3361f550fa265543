import { inspect } from "node:util";

import { startTcpProxy, until } from "@infra/testing";
import { beforeAll, expect, it } from "@jest/globals";

import { ConnectionError, DatabaseService, TransactionStateError } from "../src/index.js";
import { describeOnEngines } from "./engines.js";

describeOnEngines(
  "what is peculiar to",
  (engine) => {
    let url: string;
    let db: DatabaseService;
    beforeAll(async () => {
      db = await engine.open({ maxConnections: 3 });
      await db.knex.schema.createTable("items", (table) => {
        table.increments("id");
        table.datetime("at");
        table.timestamp("stamp").nullable();
        table.bigInteger("large");
      });
      url = await engine.url();
    }, 60_000);

    // regression: MySQL commits before it changes the schema, and half of a transaction stays
    it("a schema change inside of a transaction is told, not swallowed", async () => {
      const outcome = db.transaction(async () => {
        await db.table("items").insert({ large: 1 });
        await db.knex.schema.createTable("made_inside", (table) => table.increments("id"));
      });
      await expect(outcome).rejects.toThrow(TransactionStateError);
      await expect(outcome).rejects.toThrow(/this statement committed the transaction/);
      await db.knex.schema.dropTable("made_inside");
      await db.table("items").delete();
    });

    // regression: mysql2 would queue the statement behind rows that nobody reads any more
    it("a statement while its transaction is streamed in is refused, and waits for nobody", async () => {
      await db.insertMany(
        "items",
        Array.from({ length: 5_000 }, () => ({ large: 1 })),
      );
      const outcome = db.transaction(async () => {
        for await (const _ of db.stream(db.table("items"), { batchSize: 10 })) {
          await db.query("select 1");
        }
      });
      await expect(outcome).rejects.toThrow(/a stream is being read on this connection/);
      expect(db.stats().pool.used).toBe(0);
      expect(await db.query("select 1 as n")).toEqual([{ n: 1 }]);
      await db.table("items").delete();
    });

    // regression: SLEEP() that is cut short succeeds
    it("what was given up is not believed when it succeeds all the same", async () => {
      const startedAt = performance.now();
      await expect(db.query("select sleep(20) as n", [], { timeout: 100 })).rejects.toMatchObject({
        code: "ERR_DATABASE_QUERY_TIMEOUT",
      });
      expect(performance.now() - startedAt).toBeLessThan(10_000);
      const asleep = await db.query(
        "select 1 from information_schema.processlist where info like 'select sleep%'",
      );
      expect(asleep).toEqual([]);
    }, 30_000);

    it("times are in UTC, whatever the zone of the process and of the server", async () => {
      const at = new Date("2026-07-01T12:00:00Z");
      await db.table("items").insert({ at, stamp: at });
      const [row] = await db.query<{ at: Date; stamp: Date; text: string; now: Date }>(
        "select at, stamp, cast(at as char) as text, now() as now from items",
      );
      expect([row!.at, row!.stamp]).toEqual([at, at]);
      expect(row!.text).toBe("2026-07-01 12:00:00");
      expect(Math.abs(row!.now.getTime() - Date.now())).toBeLessThan(60_000);
      await db.table("items").delete();
    });

    it("a number that JavaScript can't hold comes as a text", async () => {
      await db.table("items").insert({ large: "9007199254740993" });
      expect(await db.knex("items").pluck("large")).toEqual(["9007199254740993"]);
      await db.table("items").delete();
    });

    it("openPool() is refused: a pool of pg it is not", async () => {
      await expect(db.openPool()).rejects.toMatchObject({ code: "ERR_DATABASE_UNSUPPORTED" });
    });

    it("a connection that was cut or fell silent is replaced", async () => {
      await using proxy = await startTcpProxy(url);
      await using lossy = new DatabaseService({
        url: proxy.url,
        validateAfter: 0,
        stopTimeout: 500,
      });
      await lossy.query("select 1");
      proxy.freeze("open");
      expect(await lossy.query("select 2 as n")).toEqual([{ n: 2 }]);
      const lost = lossy.query("select sleep(5)");
      let ended = false;
      const end = (): void => void (ended = true);
      lost.then(end, end);
      await until(() => (proxy.cut(), ended));
      await expect(lost).rejects.toThrow(ConnectionError);
      expect(await lossy.query("select 3 as n")).toEqual([{ n: 3 }]);
    }, 20_000);

    it("start() says which URL and why, without the password, and does not try in vain", async () => {
      const wrong = new URL(url);
      wrong.username = "nobody";
      wrong.password = "s3cret";
      const denied = new DatabaseService({ url: wrong.href });
      const outcome = denied.start();
      await expect(outcome).rejects.toThrow(
        /^cannot connect to mysql:\/\/nobody:\*\*\*@127\.0\.0\.1:\d+\/\w+: .*(denied|without password).* \(1 attempt\)/i,
      );
      const error = await outcome.catch((each: unknown) => each);
      expect(inspect([error, denied.knex], { depth: 12 })).not.toContain("s3cret");
      await denied.stop();
      const absent = new DatabaseService({ url: "mysql://127.0.0.1:1/x", startTimeout: 0 });
      await expect(absent.start()).rejects.toThrow(/ECONNREFUSED/);
      await absent.stop();
    }, 20_000);

    it("no password is in what is printed of a service in use", async () => {
      await db.query("create user if not exists secretive@'127.0.0.1' identified by 's3cret'");
      await db.query("grant all on *.* to secretive@'127.0.0.1'");
      const given = new URL(url);
      given.username = "secretive";
      given.password = "s3cret";
      await using mine = new DatabaseService({ url: given.href });
      await mine.query("select 1");
      expect(inspect([mine, mine.knex, mine.knex.client], { depth: 12 })).not.toContain("s3cret");
      await db.query("drop user secretive@'127.0.0.1'");
    }, 20_000);
  },
  ["mysql"],
);
