import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { sourceFlags } from "@infra/jest-preset/source-flags";
import { describe, expect, it, jest } from "@jest/globals";

import { EmbeddedPostgres, EmbeddedPostgresLockedError } from "../src/index.js";
import { Program } from "./programs.js";
import { temporaryFolders } from "./temporary-folder.js";
import { until } from "./until.js";

jest.setTimeout(60_000);

const folder = temporaryFolders();

describe("EmbeddedPostgres and other processes", () => {
  it("serves other processes through the socket in its directory", async () => {
    const directory = folder();
    await using server = await EmbeddedPostgres.open({ directory, durability: "none" });
    const pool = await server.pool();
    await pool.query("create table shared(x int)");
    const program = new Program("connect", directory);
    await until(() => program.lines.includes("inserted 2"));
    expect((await pool.query("select * from shared")).rowCount).toBe(2);
    await pool.query("notify hello, 'there'");
    expect(await program.exited).toBe(0);
    expect(program.lines).toEqual(["inserted 2", "hello there"]);
  });

  it("rejects what waits when its thread dies, gives the directory free, and says so from then on", async () => {
    const program = new Program("crash", folder());
    expect(await program.exited).toBe(0);
    expect(program.lines).toEqual([
      "waiting: ERR_EMBEDDED_POSTGRES_CRASHED",
      "dumping: ERR_EMBEDDED_POSTGRES_CRASHED",
      "later: ERR_EMBEDDED_POSTGRES_CRASHED",
      "reopened: 1",
    ]);
  });

  it("lets the process end when a connection is not held open, without close()", async () => {
    const directory = folder();
    const program = new Program("open", directory);
    expect(await program.exited).toBe(0);
    expect(program.lines).toEqual(["open"]);
    await using server = await EmbeddedPostgres.open({ directory });
    expect((await (await server.pool()).query("select * from left_open")).rowCount).toBe(0);
  });

  it("opens in a program that stands on the command line", async () => {
    const source = JSON.stringify(new URL("../src/index.ts", import.meta.url).href);
    const program = `const { EmbeddedPostgres } = await import(${source});
      const server = await EmbeddedPostgres.open();
      console.log(server.version);
      await server.close();`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...sourceFlags,
      "--input-type=module",
      "-e",
      program,
    ]);
    expect(stdout).toMatch(/^18\./);
  });

  it("refuses a directory that is open elsewhere, and names who has it", async () => {
    const directory = folder();
    await using server = await EmbeddedPostgres.open({ directory });
    const program = new Program("open", directory);
    await program.exited;
    expect(program.lines.join()).toMatch(
      new RegExp(`^ERR_EMBEDDED_POSTGRES_LOCKED .* is in use by process ${process.pid};`),
    );
    const refusal: unknown = await EmbeddedPostgres.open({ directory }).catch((error) => error);
    expect(EmbeddedPostgresLockedError.is(refusal)).toBe(true);
    expect(refusal).toMatchObject({
      message: expect.stringContaining(`${directory} is in use by this process`),
      details: { directory, pid: process.pid },
    });
    expect(server.stats().connections).toBe(0);
  });

  it("loses no acknowledged row to kill -9, and takes over what was left behind", async () => {
    const directory = folder();
    const acknowledged = new Set<number>();
    for (let kill = 0; kill < 3; kill += 1) {
      const program = new Program("write", directory);
      await until(() => program.lines.length > 40 || program.errors !== "");
      expect(program.errors).toBe("");
      expect(Number(readFileSync(join(directory, "owner.pid"), "utf8"))).toBe(program.pid);
      program.process.kill("SIGKILL");
      expect(await program.exited).toBe("SIGKILL");
      for (const line of program.lines) if (line !== "open") acknowledged.add(Number(line));
      expect(existsSync(join(directory, ".s.PGSQL.5432"))).toBe(true);
    }
    await using server = await EmbeddedPostgres.open({ directory });
    const { rows } = await (await server.pool()).query("select n::int from written");
    const kept = new Set(rows.map(({ n }) => n));
    expect([...acknowledged].filter((n) => !kept.has(n))).toEqual([]);
    expect(acknowledged.size).toBeGreaterThan(100);
  });
});
