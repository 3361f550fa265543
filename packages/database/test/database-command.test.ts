import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { sourceFlags } from "@infra/jest-preset/source-flags";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { runDatabaseCommand } from "../src/database-command.js";
import { describeOnEngines } from "./engines.js";

const migration = `
export const up = (knex) => knex.schema.createTable("notes", (table) => { table.increments("id"); });
export const down = (knex) => knex.schema.dropTable("notes");
`;

interface Result {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

async function run(cwd: string, env: Record<string, string>, ...argv: string[]): Promise<Result> {
  let out = "";
  let err = "";
  const exitCode = await runDatabaseCommand(argv, {
    cwd,
    env,
    out: (text) => void (out += text),
    err: (text) => void (err += text),
  });
  return { exitCode, out, err };
}

function workFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "infra-db-"));
  mkdirSync(join(folder, "migrations"));
  writeFileSync(join(folder, "migrations", "001_notes.mjs"), migration);
  return folder;
}

describeOnEngines(
  "infra-db",
  (engine) => {
    let cwd: string;
    let env: Record<string, string>;
    beforeAll(async () => {
      cwd = workFolder();
      const url = engine.name === "embedded" ? `pglite:${join(cwd, "db")}` : await engine.url();
      env = { DATABASE_URL: url };
    }, 60_000);
    afterAll(() => rmSync(cwd, { recursive: true }));

    it("in a folder with one migration: dry run, up, status, down", async () => {
      const plan = await run(cwd, env, "up", "--dry-run");
      expect([plan.exitCode, plan.err]).toEqual([0, ""]);
      expect(plan.out).toMatch(/^would go up: 001_notes\n/);
      expect(await run(cwd, env, "status")).toMatchObject({ out: "001_notes  pending\n" });
      expect(await run(cwd, env, "up")).toEqual({
        exitCode: 0,
        out: "applied 001_notes\n",
        err: "",
      });
      expect(await run(cwd, env, "latest")).toMatchObject({ out: "nothing to do\n" });
      expect((await run(cwd, env, "status")).out).toMatch(
        /^001_notes {2}applied {6}\d{4}-\d\d-\d\dT[\d:.]+Z\n$/,
      );
      expect((await run(cwd, env, "down", "1", "--dry-run")).out).toMatch(
        /^would go down: 001_notes\n/,
      );
      expect(await run(cwd, env, "down", "--json")).toMatchObject({
        out: '[\n  "001_notes"\n]\n',
      });
      expect(await run(cwd, env, "status")).toMatchObject({ out: "001_notes  pending\n" });
    }, 120_000);
  },
  ["embedded", "postgres", "mysql", "sqlite"],
);

describeOnEngines(
  "infra-db in a process of its own",
  (engine) => {
    it("reads .env, seeds, resolves, and ends with the exit code", async () => {
      const cwd = workFolder();
      try {
        writeFileSync(join(cwd, ".env"), `DATABASE_URL=${await engine.url()}\n`);
        mkdirSync(join(cwd, "seeds"));
        const seed = `export const seed = (knex) => knex("notes").insert({ id: 1 });`;
        writeFileSync(join(cwd, "seeds", "notes.mjs"), seed);
        const stuck = `export const transaction = false;
          export const up = () => Promise.reject(new Error("power cut"));`;
        writeFileSync(join(cwd, "migrations", "002_stuck.mjs"), stuck);
        const cli = fileURLToPath(new URL("../src/cli.ts", import.meta.url));
        const { DATABASE_URL: _, ...env } = process.env;
        const call = (...argv: string[]): unknown[] => {
          const { status, stdout, stderr } = spawnSync(
            process.execPath,
            [...sourceFlags, cli, ...argv],
            { cwd, env: { ...env, NODE_OPTIONS: "" }, encoding: "utf8", timeout: 60_000 },
          );
          return [status, stdout, stderr];
        };
        expect(call("up")).toEqual([0, "applied 001_notes\n", ""]);
        expect(call("seed")).toEqual([0, "seeded notes\n", ""]);
        expect(call("latest")).toEqual([1, "", expect.stringContaining("power cut")]);
        expect(call("resolve", "002_stuck", "applied")).toEqual([0, "002_stuck is applied\n", ""]);
        expect(call("latest")).toEqual([0, "nothing to do\n", ""]);
      } finally {
        rmSync(cwd, { recursive: true });
      }
    }, 120_000);
  },
  ["postgres"],
);

describe("infra-db", () => {
  it.each([
    [[], "infra-db <command>"],
    [["constructor"], "infra-db <command>"],
    [["up", "many"], 'steps must be a whole number above 0, got "many"'],
    [["up", "1", "2"], '"2" is one word too many'],
    [["status", "--dry-run"], "--dry-run goes with latest, up and down"],
    [["status", "--nonsense"], "Unknown option '--nonsense'"],
    [["resolve", "001"], "resolve wants the name of a migration"],
    [["create"], "create wants a name"],
  ])("exits with 2 on %j", async (argv, message) => {
    const { exitCode, out, err } = await run("/nowhere", {}, ...argv);
    expect([exitCode, out]).toEqual([2, ""]);
    expect(err).toContain(message);
  });

  it("says what failed, and exits with 1", async () => {
    const env = { DATABASE_URL: "postgres://app:s3cret@127.0.0.1:1/x?connect_timeout=1" };
    const wrong = await run("/nowhere", env, "status");
    expect(wrong).toMatchObject({ exitCode: 1, out: "" });
    expect(wrong.err).toMatch(/^infra-db: cannot read the folder of migrations/);
    expect(wrong.err).not.toContain("s3cret");
    const url = await run("/nowhere", {}, "latest", "--url", "oracle:s3cret");
    expect(url.err).toMatch(/^infra-db: url must begin with/);
  });

  it("explains itself, and writes an empty migration like the others", async () => {
    expect(await run("/nowhere", {}, "--help")).toMatchObject({ exitCode: 0 });
    const cwd = mkdtempSync(join(tmpdir(), "infra-db-"));
    try {
      await run(cwd, {}, "create", "add-users");
      writeFileSync(join(cwd, "migrations", "1_a.ts"), "");
      const { out } = await run(cwd, {}, "create", "add_posts");
      expect(out).toMatch(/\/migrations\/\d{14}_add_posts\.ts\n$/);
      expect(readdirSync(join(cwd, "migrations"))).toEqual([
        "1_a.ts",
        expect.stringMatching(/^\d{14}_add-users\.mjs$/),
        expect.stringMatching(/^\d{14}_add_posts\.ts$/),
      ]);
      const evil = await run(cwd, {}, "create", "../x");
      expect([evil.exitCode, evil.err]).toEqual([1, expect.stringContaining('got "../x"')]);
    } finally {
      rmSync(cwd, { recursive: true });
    }
  });
});
