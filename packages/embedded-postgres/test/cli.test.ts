import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it, jest } from "@jest/globals";
import pg from "pg";

import { EmbeddedPostgres } from "../src/index.js";
import { Program } from "./programs.js";
import { temporaryFolders } from "./temporary-folder.js";
import { until } from "./until.js";

jest.setTimeout(120_000);

const folder = temporaryFolders();

const cli = (...args: string[]) => new Program("../../src/cli", ...args);

describe("infra-postgres", () => {
  it("serves a directory until it is told to stop", async () => {
    const directory = folder();
    const program = cli(directory, "--no-fsync");
    await until(() => program.lines.length === 2);
    expect(program.lines[0]).toMatch(/^PostgreSQL 18\.\d+ on /);
    expect(program.lines[1]).toBe(
      `psql "postgresql://postgres@/postgres?host=${encodeURIComponent(directory)}"`,
    );
    expect(program.errors).toBe("creating a database from the template …\n");
    const client = new pg.Client({ host: directory, user: "postgres", database: "postgres" });
    await client.connect();
    expect((await client.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    await client.end();
    const second = cli(directory);
    expect(await second.exited).toBe(1);
    expect(second.errors).toContain(`is in use by process ${program.pid}`);
    program.process.kill("SIGTERM");
    expect(await program.exited).toBe(0);
  });

  it("dumps a directory, and restores it into another", async () => {
    const [from, to, again] = [folder(), folder(), folder()];
    const made = await EmbeddedPostgres.open({ directory: from, extensions: ["citext"] });
    await (
      await made.pool()
    ).query(
      "create extension citext; create table b(); create table note(t citext); insert into note values('It''s')",
    );
    await made.close();
    const file = join(from, "dump.sql");
    const dump = cli("dump", from, file, "--extension", "citext", "--", "--exclude-table=b");
    expect([await dump.exited, dump.errors]).toEqual([0, "starting PostgreSQL …\n"]);
    expect(readFileSync(file, "utf8")).toContain("INSERT INTO public.note VALUES\n\t('It''s');");
    const restore = cli("restore", to, file, "--no-fsync", "--extension=citext");
    expect(await restore.exited).toBe(0);
    // from one program to the next, as in a shell
    const source = cli("dump", to, "--extension=citext");
    const target = cli("restore", again, "--no-fsync", "--extension=citext");
    source.process.stdout!.pipe(target.process.stdin!);
    expect([await source.exited, await target.exited]).toEqual([0, 0]);
    await using server = await EmbeddedPostgres.open({ directory: again, extensions: ["citext"] });
    const { rows } = await (
      await server.pool()
    ).query("select t = 'IT''S' as same, to_regclass('b') as b from note");
    expect(rows).toEqual([{ same: true, b: null }]);
  });

  it("says why a dump or a restore has failed", async () => {
    const directory = folder();
    const dump = cli("dump", directory);
    expect([await dump.exited, dump.errors]).toEqual([1, `There is no database in ${directory}\n`]);
    const script = `${directory}.sql`;
    const missing = cli("restore", directory, script);
    expect(await missing.exited).toBe(1);
    expect(missing.errors).toMatch(/^ENOENT/);
    writeFileSync(script, "select 1;\nselekt 2;\n");
    const restore = cli("restore", directory, script, "--no-fsync");
    expect(await restore.exited).toBe(1);
    expect(restore.errors).toContain('Line 2: syntax error at or near "selekt" (42601)');
  });

  it.each([
    [[], /^infra-postgres <directory>/],
    [["one", "two"], /^infra-postgres <directory>/],
    [["dump", "one", "two", "three"], /^infra-postgres <directory>/],
    [["one", "--nofsync"], /^Unknown option '--nofsync'[^]*infra-postgres <directory>/],
  ])("says how it is used when it is given %j", async (args, expected) => {
    const program = cli(...args);
    expect(await program.exited).toBe(2);
    expect(program.errors).toMatch(expected);
  });

  it("says how it is used when it is asked", async () => {
    const program = cli("--help");
    expect(await program.exited).toBe(0);
    expect(program.lines[0]).toBe("infra-postgres <directory>");
  });
});
