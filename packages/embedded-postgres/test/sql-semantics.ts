import { pipeline } from "node:stream/promises";

import { describe, expect, it } from "@jest/globals";
import type pg from "pg";
import copy from "pg-copy-streams";
import Cursor from "pg-cursor";
import QueryStream from "pg-query-stream";

import { usePools, type Target } from "./target.js";

/** What SQL does on any PostgreSQL as seen through `pg`: run against the embedded engine and against a server. */
export function describeSqlSemantics(title: string, start: () => Promise<Target>): void {
  describe(`SQL through pg on ${title}`, () => {
    const db = usePools(
      start,
      "create table item(id serial primary key, v text unique not null, j jsonb, d timestamptz, n int[], b bytea)",
    );

    const one = async (sql: string, values?: unknown[]) =>
      (await db.pool.query<Record<string, unknown>>(sql, values)).rows[0];

    it("gives values their types", async () => {
      const result = await db.pool.query(
        `select 1::int a, 2::int8 b, 'x'::text c, now() d, '{"a":1}'::jsonb e, array[1,2] f, null g,
           1.5::numeric h, '\\x0102'::bytea i, true j`,
      );
      expect(result).toMatchObject({ command: "SELECT", rowCount: 1 });
      const { d, i, ...rest } = result.rows[0];
      expect(Number.isNaN(d.getTime())).toBe(false);
      expect([...i]).toEqual([1, 2]);
      expect(rest).toEqual({
        a: 1,
        b: "2",
        c: "x",
        e: { a: 1 },
        f: [1, 2],
        g: null,
        h: "1.5",
        j: true,
      });
    });

    it("takes parameters, and counts rows", async () => {
      const inserted = await db.pool.query(
        "insert into item(v,j,d,n,b) values($1,$2,$3,$4,$5),($6,null,null,null,null) returning *",
        ["a", { k: [1] }, new Date(0), [1, 2], Buffer.from([1, 2]), "b"],
      );
      expect(inserted).toMatchObject({ command: "INSERT", rowCount: 2 });
      expect(inserted.rows[0]).toMatchObject({ v: "a", j: { k: [1] }, n: [1, 2] });
      expect(Number(inserted.rows[0].d)).toBe(0);
      const updated = await db.pool.query("update item set v = v || $1", ["!"]);
      expect(updated).toMatchObject({ command: "UPDATE", rowCount: 2 });
    });

    it("runs several statements in one text", async () => {
      const results = (await db.pool.query(
        "select 1 as a; select 2 as b",
      )) as unknown as pg.QueryResult[];
      expect(results.map(({ rows }) => rows)).toEqual([[{ a: 1 }], [{ b: 2 }]]);
    });

    it("reports errors with SQLSTATE, table, column, constraint and detail", async () => {
      await db.pool.query("insert into item(v) values('twice')");
      await expect(db.pool.query("insert into item(v) values('twice')")).rejects.toMatchObject({
        code: "23505",
        table: "item",
        constraint: "item_v_key",
        detail: expect.stringContaining("already exists"),
      });
      await expect(db.pool.query("insert into item(v) values($1)", [null])).rejects.toMatchObject({
        code: "23502",
        column: "v",
      });
      await expect(db.pool.query("selec 1")).rejects.toMatchObject({
        code: "42601",
        position: "1",
      });
      await expect(db.pool.query("select $1::int", ["zz"])).rejects.toMatchObject({
        code: "22P02",
      });
      expect(await one("select 1 a")).toEqual({ a: 1 });
    });

    it("goes on after many errors", async () => {
      for (let i = 0; i < 50; i += 1) {
        await expect(db.pool.query("select 1/0")).rejects.toMatchObject({ code: "22012" });
        await expect(db.pool.query("select 1/$1::int", [0])).rejects.toMatchObject({
          code: "22012",
        });
      }
      expect(await one("select 1 a")).toEqual({ a: 1 });
    });

    it("hides an open transaction from others", async () => {
      const client = await db.pool.connect();
      await client.query("begin");
      await client.query("insert into item(v) values('open')");
      const seen = one("select count(*)::int n from item where v = 'open'");
      await client.query("select 1");
      await client.query("rollback");
      expect(await seen).toEqual({ n: 0 });
      client.release();
    });

    it("refuses statements in a failed transaction, and returns to a savepoint", async () => {
      const client = await db.pool.connect();
      await client.query("begin");
      await client.query("savepoint s");
      await expect(client.query("bogus")).rejects.toMatchObject({ code: "42601" });
      await expect(client.query("select 1")).rejects.toMatchObject({ code: "25P02" });
      await client.query("rollback to s");
      await client.query("insert into item(v) values('savepoint')");
      await client.query("commit");
      client.release();
      expect((await db.pool.query("select 1 from item where v = 'savepoint'")).rowCount).toBe(1);
    });

    it("rolls back when a client goes away in a transaction", async () => {
      const client = await db.pool.connect();
      await client.query("begin");
      await client.query("insert into item(v) values('lost')");
      client.release(true);
      expect((await db.pool.query("select 1 from item where v = 'lost'")).rowCount).toBe(0);
    });

    it("keeps 100 concurrent read-modify-write transactions apart", async () => {
      await db.pool.query(
        "create table account(id int primary key, n int); insert into account values(1, 0)",
      );
      await Promise.all(
        Array.from({ length: 100 }, async () => {
          const client = await db.pool.connect();
          try {
            await client.query("begin");
            const { rows } = await client.query("select n from account where id = 1 for update");
            await client.query("update account set n = $1 where id = 1", [rows[0].n + 1]);
            await client.query("commit");
          } finally {
            client.release();
          }
        }),
      );
      expect(await one("select n from account")).toEqual({ n: 100 });
    });

    it("reads through a cursor and a stream while others run", async () => {
      const client = await db.pool.connect();
      const cursor = client.query(new Cursor("select g from generate_series(1, 1000) g"));
      expect(await cursor.read(10)).toHaveLength(10);
      const meanwhile = db.pool.query("select 1");
      expect(await cursor.read(10)).toHaveLength(10);
      await cursor.close();
      await meanwhile;
      let rows = 0;
      const sql = "select g, repeat($1, 1000) x from generate_series(1, 5000) g";
      for await (const _ of client.query(new QueryStream(sql, ["y"], { batchSize: 100 })))
        rows += 1;
      expect(rows).toBe(5000);
      client.release();
    });

    it("copies in and out", async () => {
      const client = await db.pool.connect();
      const copyIn = client.query(copy.from("copy item(v) from stdin"));
      await pipeline(async function* () {
        yield "c1\n";
        yield "c2\n";
      }, copyIn);
      const chunks: Buffer[] = [];
      const copyOut = client.query(
        copy.to("copy (select v from item where v like $$c_$$ order by v) to stdout"),
      );
      for await (const chunk of copyOut) chunks.push(chunk as Buffer);
      expect(Buffer.concat(chunks).toString()).toBe("c1\nc2\n");
      const wrong = pipeline(
        async function* () {
          yield "1\t2\t3\n";
        },
        client.query(copy.from("copy item(v) from stdin")),
      );
      await expect(wrong).rejects.toMatchObject({ code: "22P04" });
      client.release();
      expect(await one("select 1 a")).toEqual({ a: 1 });
    });

    it("takes and gives a value of 20 MB", async () => {
      const value = "z".repeat(20_000_000);
      const row = await one("select length($1::text) n, $1::text s", [value]);
      expect(row?.["n"]).toBe(20_000_000);
      expect(row?.["s"] === value).toBe(true);
    });
  });
}
