import { MemoryLogger, startTcpProxy, until } from "@infra/testing";
import { beforeAll, expect, it } from "@jest/globals";

import { DatabaseService } from "../src/index.js";
import { describeOnEngines } from "./engines.js";

const nameOf = async (db: Pick<DatabaseService, "query">): Promise<unknown> =>
  (await db.query<{ name: string }>("select name from self"))[0]!.name;

describeOnEngines(
  "replicas",
  (engine) => {
    /** The primary, and two databases that stand for its replicas: each says who it is. */
    let urls: readonly string[];
    beforeAll(async () => {
      urls = await Promise.all([engine.url(), engine.url(), engine.url()]);
      for (const [at, url] of urls.entries()) {
        await using db = new DatabaseService({ url });
        await db.query("create table self (name text)");
        await db.query("insert into self values (?)", [["primary", "one", "two"][at]]);
      }
    }, 60_000);

    it("reader takes turns, and is the database itself inside of a transaction", async () => {
      const [url, ...replicas] = urls;
      await using db = new DatabaseService({ url: url!, replicas });
      await db.start();
      const read = [await nameOf(db.reader), await nameOf(db.reader), await nameOf(db.reader)];
      expect(new Set(read)).toEqual(new Set(["one", "two"]));
      expect(read[0]).toBe(read[2]);
      expect(await nameOf(db)).toBe("primary");
      expect(await db.transaction(() => nameOf(db.reader))).toBe("primary");
      expect(await db.health()).toMatchObject({ status: "up" });
      expect(db.stats().replicas).toEqual({ all: 2, up: 2 });
    }, 20_000);

    it("a replica that does not answer is left out, and taken back when it does", async () => {
      const [url, one] = urls;
      await using proxy = await startTcpProxy(one!);
      await using db = new DatabaseService({
        url: url!,
        replicas: [proxy.url],
        connectTimeout: 500,
      });
      await db.start();
      expect(await nameOf(db.reader)).toBe("one");
      proxy.refuse();
      await until(async () => {
        await nameOf(db.reader).catch(() => {});
        return !db.stats().replicas.up;
      });
      expect(await nameOf(db.reader)).toBe("primary");
      expect(await db.health()).toMatchObject({
        status: "degraded",
        message: "1 of 1 replicas do not answer; the others take the reads",
      });
      proxy.restore();
      await until(async () => (await nameOf(db.reader)) === "one");
      expect((await db.health()).status).toBe("up");
    }, 30_000);

    it("start() does not wait for a replica that is not there", async () => {
      const logger = new MemoryLogger();
      const replicas = ["postgres://127.0.0.1:1/x"];
      await using db = new DatabaseService({ url: urls[0]!, replicas }, { logger });
      expect(await nameOf(db.reader)).toBe("primary");
      await db.start();
      expect(await nameOf(db.reader)).toBe("primary");
      expect(logger.messages("warn")).toContain("the database does not answer");
    }, 20_000);
  },
  ["postgres"],
);

describeOnEngines(
  "connection()",
  (engine) => {
    it("is another database by name, which starts and stops with this one", async () => {
      const url = await engine.url();
      const db = await engine.open({ connections: { reporting: { url, maxConnections: 2 } } });
      await db.start();
      const reporting = db.connection("reporting");
      expect(reporting.stats().pool.max).toBe(2);
      expect(await reporting.query("select 1 as n")).toEqual([{ n: 1 }]);
      await db.transaction(async () => {
        await db.query("select 1");
        // its transactions are its own
        await reporting.query("select 1");
        expect(reporting.stats().pool.used).toBe(0);
      });
      expect(await db.health()).toMatchObject({ status: "up" });
      expect(() => db.connection("other")).toThrow(
        new RangeError("connection must be one of the option connections (reporting), got other"),
      );
      await db.stop();
      await expect(reporting.query("select 1")).rejects.toMatchObject({
        code: "ERR_DATABASE_STOPPED",
      });
    }, 60_000);

    it("that can't be reached keeps the database from starting, and is named by health()", async () => {
      const url = "postgres://127.0.0.1:1/x";
      const db = await engine.open({ connections: { reporting: { url, startTimeout: 0 } } });
      await expect(db.start()).rejects.toMatchObject({ code: "ERR_DATABASE_UNREACHABLE" });
      expect(await db.health()).toMatchObject({ status: "down" });
    }, 60_000);
  },
  ["postgres"],
);
