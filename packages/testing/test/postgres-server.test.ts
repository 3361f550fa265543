import { connect } from "node:net";

import { describe, expect, it } from "@jest/globals";
import pg from "pg";

import { findPostgres, startPostgres } from "../src/index.js";

// not `testDatabases`: a server named by TEST_DATABASE_URL is of no use here
const present = findPostgres() === undefined ? describe.skip : describe;

const reachable = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });

present("startPostgres (skipped: PostgreSQL is not installed)", () => {
  it("answers SQL, and is gone after stop()", async () => {
    const server = await startPostgres();
    const client = new pg.Client(server.url);
    await client.connect();
    const { rows } = await client.query("select 1 + 1 as two");
    expect(rows).toEqual([{ two: 2 }]);
    await client.end();
    await server.stop();
    await server.stop();
    expect(await reachable(server.url)).toBe(false);
  }, 30_000);

  it("can be killed, and started again where it was with what it had", async () => {
    await using server = await startPostgres();
    const before = new pg.Client(server.url);
    await before.connect();
    before.on("error", () => {});
    await before.query("create table kept (n int)");
    await before.query("insert into kept values (1)");
    await server.kill();
    expect(await reachable(server.url)).toBe(false);
    await server.restart();
    const after = new pg.Client(server.url);
    await after.connect();
    expect((await after.query("select n from kept")).rows).toEqual([{ n: 1 }]);
    await after.end();
  }, 30_000);

  it("gives up when its signal is aborted", async () => {
    const reason = new Error("enough");
    await expect(startPostgres({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const starting = startPostgres({ signal: controller.signal });
    setImmediate(() => controller.abort(reason));
    await expect(starting).rejects.toBe(reason);
  }, 30_000);

  it("says what the server wrote when a setting is wrong", async () => {
    await expect(startPostgres({ settings: { fsync: "maybe" } })).rejects.toThrow(/fsync/);
  }, 30_000);
});

describe("startPostgres", () => {
  it("names the program when the folder has none", async () => {
    await expect(startPostgres({ bin: "/nowhere" })).rejects.toThrow("/nowhere/initdb");
  });
});
