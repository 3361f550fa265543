import { expect, it } from "@jest/globals";

import { defineJob } from "../src/index.js";
import { onEveryEngine } from "./engines.js";

const mail = defineJob<{ to: string }, string>("mail.send");

await onEveryEngine(
  "enqueue() inside a transaction of the database",
  (engine) => {
    it("a commit shows the jobs, and they run", async () => {
      const db = await engine.database();
      const jobs = await engine.make();
      jobs.handle(mail, ({ payload }) => payload.to);
      await jobs.start();
      const ids = await db.transaction(async () => {
        const one = await jobs.enqueue(mail, { to: "one" });
        const two = await jobs.enqueueMany(mail, [{ payload: { to: "a?b $1" } }]);
        // seen from outside: nothing yet
        return [one, ...two];
      });
      await expect(jobs.result(ids[0]!, { timeout: "20s" })).resolves.toBe("one");
      await expect(jobs.result(ids[1]!, { timeout: "20s" })).resolves.toBe("a?b $1");
    });

    it("a rollback leaves none", async () => {
      const db = await engine.database();
      const jobs = await engine.make();
      let id: string | undefined;
      await jobs.start();
      const failure = new Error("no");
      await expect(
        db.transaction(async () => {
          id = await jobs.enqueue(mail, { to: "one" });
          throw failure;
        }),
      ).rejects.toBe(failure);
      await expect(jobs.admin.get(id!)).resolves.toBeUndefined();
      await expect(jobs.admin.counts()).resolves.toMatchObject({ waiting: 0 });
    });

    it("the transaction's own statements find their tables before, meanwhile and after", async () => {
      const db = await engine.database();
      const jobs = await engine.make();
      await jobs.start();
      await db.query("drop table if exists orders");
      await db.query("create table orders (id int)");
      await db.transaction(async () => {
        await db.query("insert into orders values (1)");
        await Promise.all([
          jobs.enqueue(mail, { to: "one" }),
          db.query("insert into orders values (2)"),
        ]);
        await db.query("insert into orders values (3)");
      });
      await expect(db.query("select count(*)::int as n from orders")).resolves.toEqual([{ n: 3 }]);
      await expect(jobs.admin.counts()).resolves.toMatchObject({ waiting: 1 });
    });
  },
  ["embedded", "postgres"],
);
