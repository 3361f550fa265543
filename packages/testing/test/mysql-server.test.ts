import { connect } from "node:net";

import { describe, expect, it } from "@jest/globals";
import { createConnection } from "mysql2/promise";

import { findMysql, startMysql } from "../src/index.js";

const present = findMysql() === undefined ? describe.skip : describe;

const reachable = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });

present("startMysql (skipped: neither MariaDB nor MySQL is installed)", () => {
  it("answers SQL in an empty database, takes settings, and is gone after stop()", async () => {
    const server = await startMysql({ settings: { "max-connections": "17" } });
    try {
      const client = await createConnection(server.url);
      const [rows] = await client.query("select database() as name, @@max_connections as most");
      expect(rows).toEqual([{ name: "test", most: 17 }]);
      await client.end();
    } finally {
      await server.stop();
    }
    await server.stop();
    expect(await reachable(server.url)).toBe(false);
  }, 60_000);

  it("gives up when its signal is aborted", async () => {
    const reason = new Error("enough");
    await expect(startMysql({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it("says what the server wrote when a setting is wrong", async () => {
    await expect(startMysql({ settings: { "no-such-setting": "1" } })).rejects.toThrow(
      /no-such-setting/,
    );
  }, 60_000);
});

describe("startMysql", () => {
  it("names the program that is not there", async () => {
    await expect(startMysql({ program: "/nowhere/mysqld" })).rejects.toThrow("/nowhere/mysqld");
  });
});
