import { describe, expect, it, jest } from "@jest/globals";

import { Counters } from "../../src/engine/counters.js";
import { Engine, type EngineSettings } from "../../src/engine/engine.js";
import type { OpenProgress } from "../../src/engine/open-pglite.js";
import { postgresModule } from "../../src/engine/postgres-module.js";
import { EmbeddedPostgres } from "../../src/index.js";
import { temporaryFolders } from "../temporary-folder.js";
import { until } from "../until.js";

jest.setTimeout(120_000);

const folder = temporaryFolders();

const ignored = () => {};

describe("Engine", () => {
  it("makes a database with initdb when there is no template", async () => {
    const directory = folder();
    const steps: OpenProgress["message"][] = [];
    const settings: EngineSettings = {
      directory,
      durable: false,
      lockWaitTimeoutMs: 1000,
      maintenanceIntervalMs: Infinity,
      maxConnections: 10,
      template: undefined,
      extensions: [],
      module: await postgresModule(),
      counters: new Counters().memory,
    };
    const engine = await Engine.open(settings, {
      progress: ({ message }) => void steps.push(message),
      log: ignored,
      warning: ignored,
      failed: ignored,
    });
    await engine.close();
    expect(steps).toEqual(["creating a database with initdb, a few seconds"]);
    await using server = await EmbeddedPostgres.open({ directory, durability: "none" });
    const { rows } = await (await server.pool()).query("select datname from pg_database");
    expect(rows).toEqual([{ datname: "postgres" }]);
  });

  it("checkpoints when the log has grown, and vacuums tables with dead rows", async () => {
    await using server = await EmbeddedPostgres.open({
      durability: "none",
      maintenanceInterval: "50ms",
    });
    const pool = await server.pool({ max: 1 });
    await pool.query("create table busy(id int primary key, v text)");
    await pool.query(
      "insert into busy select g, repeat('x', 500) from generate_series(1, 20000) g",
    );
    for (let i = 0; i < 5; i += 1) await pool.query("update busy set v = v || 'y'");
    await until(() => server.stats().vacuums > 0 && server.stats().checkpoints > 0);
    const dead = async () =>
      (await pool.query("select n_dead_tup::int n from pg_stat_user_tables")).rows[0].n;
    await until(async () => (await dead()) < 5000);
    expect(server.stats()).toMatchObject({ lockTimeouts: 0, syncs: 0 });
  });

  it("renews the statistics of a table that has changed, behind transactions that never pause", async () => {
    await using server = await EmbeddedPostgres.open({ maintenanceInterval: "50ms" });
    const pool = await server.pool({ max: 4 });
    await pool.query(`create table small(x int); insert into small select generate_series(1, 800)`);
    const estimate = "select reltuples::int n from pg_class where relname = 'small'";
    expect((await pool.query(estimate)).rows).toEqual([{ n: -1 }]);
    const busy = { until: Infinity };
    const transactions = Array.from({ length: 3 }, async () => {
      const client = await pool.connect();
      while (performance.now() < busy.until) {
        await client.query("begin");
        await client.query("select 1");
        await client.query("commit");
      }
      client.release();
    });
    try {
      await until(() => server.stats().analyzes > 0);
    } finally {
      busy.until = 0;
      await Promise.all(transactions);
    }
    expect((await pool.query(estimate)).rows).toEqual([{ n: 800 }]);
    expect(server.stats().vacuums).toBe(0);
  });
});
