import { describe, expect, it, jest } from "@jest/globals";
import pg from "pg";

import { Program } from "./programs.js";
import { temporaryFolders } from "./temporary-folder.js";
import { until } from "./until.js";

jest.setTimeout(60_000);

const folder = temporaryFolders();

describe("infra-postgres", () => {
  it("serves a directory until it is told to stop", async () => {
    const directory = folder();
    const program = new Program("../../src/cli", directory, "--no-fsync");
    await until(() => program.lines.length === 2);
    expect(program.lines[0]).toMatch(/^PostgreSQL 18\.\d+ on /);
    expect(program.lines[1]).toBe(
      `psql "postgresql://postgres@/postgres?host=${encodeURIComponent(directory)}"`,
    );
    const client = new pg.Client({ host: directory, user: "postgres", database: "postgres" });
    await client.connect();
    expect((await client.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    await client.end();
    const second = new Program("../../src/cli", directory);
    expect(await second.exited).toBe(1);
    expect(second.errors).toContain(`is in use by process ${program.pid}`);
    program.process.kill("SIGTERM");
    expect(await program.exited).toBe(0);
  });

  it("says how it is used", async () => {
    const program = new Program("../../src/cli");
    expect(await program.exited).toBe(2);
    expect(program.errors).toContain("infra-postgres <directory>");
  });
});
