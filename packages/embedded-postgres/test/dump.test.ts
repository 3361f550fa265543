import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import { findPostgres, testDatabases } from "@infra/testing";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import pg from "pg";

import { EmbeddedPostgres, type EmbeddedPostgresOptions } from "../src/index.js";

jest.setTimeout(120_000);

const run = promisify(execFile);

const schema = String.raw`
  create extension pg_trgm;
  create schema app;
  create type app.mood as enum ('sad', 'it''s ok; really');
  create domain app.positive as int check (value > 0);
  create sequence app.number start 7 increment 3;
  create table app.person(
    id bigint generated always as identity primary key,
    name text not null unique,
    mood app.mood default 'sad',
    age app.positive,
    born timestamptz, tags text[], extra jsonb, photo bytea, score numeric(20, 5), ratio float8,
    shout text generated always as (upper(name)) stored);
  create index on app.person using gin (name gin_trgm_ops);
  create table app.pet(owner bigint references app.person on delete cascade, name text, "odd ""name" int);
  create table app.event(at date not null, what text) partition by range (at);
  create table app.event_2026 partition of app.event for values from ('2026-01-01') to ('2027-01-01');
  create view app.adult as select * from app.person where age > 17;
  create materialized view app.summary as select mood, count(*) from app.person group by mood;
  create function app.twice(a int) returns int language sql begin atomic select case when a > 0 then 2 * a else 0 end; end;
  create function app.touch() returns trigger language plpgsql as $f$ begin new.name := trim(new.name); return new; end; $f$;
  create trigger touch before insert on app.pet for each row execute function app.touch();
  create rule keep as on delete to app.event do instead (select 1; select 2);
  alter table app.pet enable row level security;
  create policy mine on app.pet using (owner = 1);
  comment on table app.person is E'a ''comment''; with\na second line and \\ a backslash';`;

const rows = String.raw`
  select nextval('app.number');
  insert into app.person(name, mood, age, born, tags, extra, photo, score, ratio) values
    (E'Zoë; ''O''Neil''\n\\.\n--', 'it''s ok; really', 33, '2001-02-03 04:05:06+07', '{"a,b","c\"d"}',
      '{"a": [1, null, "ü"]}', '\x00ff', 12345.67890, 'NaN'),
    ('nothing', null, null, null, null, null, null, null, '-Infinity');
  insert into app.person(name) select 'person ' || g from generate_series(1, 3000) g;
  insert into app.pet values (1, ' rex ', 1);
  insert into app.event values ('2026-05-06', 'x');
  refresh materialized view app.summary;`;

// comparable: without the lines that name the versions
const body = (dump: string) => dump.replaceAll(/^-- Dumped (?:from|by) .*$/gm, "");

const opened: EmbeddedPostgres[] = [];

const open = async (options: EmbeddedPostgresOptions = {}) => {
  const server = await EmbeddedPostgres.open({ extensions: ["pg_trgm"], ...options });
  opened.push(server);
  return { server, pool: await server.pool({ max: 4 }) };
};

afterAll(() => Promise.all(opened.map((server) => server.close())));

describe("EmbeddedPostgres dump() and restore()", () => {
  let source: Awaited<ReturnType<typeof open>>;
  let dump: string;

  beforeAll(async () => {
    source = await open();
    await source.pool.query(schema);
    await source.pool.query(rows);
    dump = await source.server.dump();
  });

  it.each([true, false])("brings everything back (in a thread: %s)", async (thread) => {
    const { server, pool } = await open({ thread });
    await server.restore(dump);
    const again = await server.dump();
    expect(body(again)).toBe(body(dump));
    const { rows: people } = await pool.query(
      "select count(*)::int n, bool_and(a.shout = upper(a.name)) same from app.person a",
    );
    expect(people).toEqual([{ n: 3002, same: true }]);
    const { rows: next } = await pool.query(
      "select nextval('app.number')::int number, app.twice(4), (select name from app.pet) pet",
    );
    expect(next).toEqual([{ number: 10, twice: 8, pet: "rex" }]);
    expect((await pool.query("select 1 from app.summary")).rowCount).toBe(3);
  });

  it("dump() leaves sessions as they were, and can be asked for again", async () => {
    const client = await source.pool.connect();
    await client.query("set search_path to app; prepare mine as select 1 as one");
    await client.query({ name: "named", text: "select count(*) from person" });
    const [first, second] = await Promise.all([source.server.dump(), source.server.dump()]);
    expect(body(first)).toBe(body(dump));
    expect(body(second)).toBe(body(dump));
    expect((await client.query("show search_path")).rows).toEqual([{ search_path: "app" }]);
    expect((await client.query("execute mine")).rows).toEqual([{ one: 1 }]);
    const named = await client.query({ name: "named", text: "select count(*) from person" });
    expect(named.rows).toEqual([{ count: "3002" }]);
    const { rows: left } = await client.query(
      "select name from pg_prepared_statements where from_sql",
    );
    expect(left).toEqual([{ name: "mine" }]);
    client.release(true);
  });

  it("dump() waits for the transaction that is open, and sees nothing of it before", async () => {
    const client = await source.pool.connect();
    await client.query("begin; create table late(x int)");
    let done = false;
    const dumped = source.server.dump().finally(() => (done = true));
    await client.query("insert into late values(1)");
    expect(done).toBe(false);
    await client.query("rollback");
    client.release();
    expect(body(await dumped)).toBe(body(dump));
  });

  it("dump() takes pg_dump's switches, but not those that say where to and from", async () => {
    const one = await source.server.dump({ args: ["--data-only", "--table=app.pet"] });
    expect(one).toContain("INSERT INTO app.pet VALUES\n\t(1, 'rex', 1);");
    expect(one).not.toContain("CREATE TABLE");
    for (const arg of ["-f", "--file=x", "-Fc", "--format=custom", "-hlocalhost", "-C"]) {
      await expect(source.server.dump({ args: [arg] })).rejects.toThrow(RangeError);
    }
  });

  it.each([true, false])(
    "dump() fails with what pg_dump says (in a thread: %s)",
    async (thread) => {
      const { server, pool } = await open({ thread });
      await expect(server.dump({ args: ["--table=nowhere"] })).rejects.toMatchObject({
        code: "ERR_EMBEDDED_POSTGRES_DUMP",
        message: expect.stringContaining("no matching tables were found"),
      });
      expect(process.exitCode).toBeUndefined();
      expect((await pool.query("select 1")).rowCount).toBe(1);
    },
  );

  it("dump() and restore() reject with the signal's reason", async () => {
    const { server, pool } = await open();
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(server.dump({ signal })).rejects.toThrow("enough");
    await expect(server.restore("select 1", { signal })).rejects.toThrow("enough");
    const controller = new AbortController();
    const script = (async function* () {
      yield "create table half(x int);\n";
      controller.abort(new Error("enough"));
      yield "insert into half values(1);\n";
    })();
    const { signal: later } = controller;
    await expect(server.restore(script, { signal: later })).rejects.toThrow("enough");
    expect((await pool.query("select to_regclass('half') t")).rows).toEqual([{ t: null }]);
    const dumping = new AbortController();
    const dumped = server.dump({ signal: dumping.signal });
    dumping.abort(new Error("no longer"));
    await expect(dumped).rejects.toThrow("no longer");
    expect((await pool.query("select 1")).rowCount).toBe(1);
  });

  it("restore() does all or nothing, and names the line", async () => {
    const { server, pool } = await open();
    const restored = server.restore(
      "create table a(x int);\n\ninsert into a values(1);\nselect\n1/0;",
    );
    await expect(restored).rejects.toMatchObject({
      code: "ERR_EMBEDDED_POSTGRES_RESTORE",
      message: "Line 4: division by zero (22012); nothing was restored",
      details: { line: 4, sqlState: "22012" },
    });
    await expect(server.restore("create table a(x int);\nselect 'cut")).rejects.toMatchObject({
      code: "ERR_EMBEDDED_POSTGRES_RESTORE",
    });
    const copy = "create table a(x int);\ncopy a from stdin;\n1\nx\n\\.\n";
    await expect(server.restore(copy)).rejects.toMatchObject({
      details: { line: 2, sqlState: "22P02" },
    });
    expect((await pool.query("select to_regclass('a') t")).rows).toEqual([{ t: null }]);
    await server.restore(
      `set search_path to ''; ${copy.replaceAll(" a", " public.a").replace("\nx", "\n2")}`,
    );
    expect((await pool.query("select x from a")).rows).toEqual([{ x: 1 }, { x: 2 }]);
  });

  it("restore() is one transaction, whatever the script says", async () => {
    const { server, pool } = await open();
    const parts = "begin; create table part(x int); commit; START TRANSACTION; select 1/0; end;";
    await expect(server.restore(parts)).rejects.toMatchObject({ details: { sqlState: "22012" } });
    await expect(server.restore("create table part(x int); rollback;")).rejects.toMatchObject({
      message: "Line 1: a script that is restored must not roll back (0A000); nothing was restored",
    });
    const deferred =
      "create table part(x int primary key, y int references part deferrable initially deferred);\ninsert into part values(1, 2);";
    await expect(server.restore(deferred)).rejects.toMatchObject({
      details: { line: 2, sqlState: "23503" },
    });
    expect((await pool.query("select to_regclass('part') t")).rows).toEqual([{ t: null }]);
  });

  it("restore() says what ended its connection", async () => {
    const { server } = await open({ maxConnections: 1 });
    const client = new pg.Client(server.pgConfig());
    client.on("error", () => {});
    await client.connect();
    await expect(server.restore("select 1")).rejects.toMatchObject({
      code: "ERR_EMBEDDED_POSTGRES_RESTORE",
      details: { sqlState: "53300" },
    });
    await client.end();
    const script = (async function* () {
      yield "select 1;\n";
      await server.close();
      yield "select 2;\n";
    })();
    await expect(server.restore(script)).rejects.toMatchObject({
      code: "ERR_EMBEDDED_POSTGRES_RESTORE",
      details: { sqlState: "57P01" },
    });
  });

  it("are refused after close()", async () => {
    const { server } = await open();
    await server.close();
    await expect(server.dump()).rejects.toMatchObject({ code: "ERR_EMBEDDED_POSTGRES_CLOSED" });
    await expect(server.restore("")).rejects.toMatchObject({
      code: "ERR_EMBEDDED_POSTGRES_CLOSED",
    });
  });
});

const [, postgres] = await testDatabases(process.env);
const programs = findPostgres();
const missing =
  postgres!.missing ?? (programs === undefined ? "no pg_dump on this machine" : undefined);
const onServer = missing === undefined ? describe : describe.skip;

onServer(`EmbeddedPostgres dump() and restore(), with ${missing ?? "a PostgreSQL server"}`, () => {
  let client: pg.Client;

  afterAll(async () => {
    await client?.end();
    await postgres!.close();
  });

  it("move a database to a server of another version, and back", async () => {
    const { server, pool } = await open();
    await pool.query(schema);
    await pool.query(rows);
    // which is not part of every server
    await pool.query("drop extension pg_trgm cascade");
    const dump = await server.dump({ args: ["--no-owner"] });
    const url = await postgres!.url();
    client = new pg.Client(url);
    await client.connect();
    // psql passes over what an older server does not know
    await client.query(dump.replace("SET transaction_timeout = 0;", ""));
    const people = "select p::text from app.person p order by id";
    const expected = (await pool.query(people)).rows;
    expect((await client.query(people)).rows).toEqual(expected);
    const { stdout } = await run(join(programs!, "pg_dump"), ["--no-owner", url], {
      maxBuffer: 2 ** 26,
    });
    expect(stdout).toContain("FROM stdin;");
    const back = await open();
    await back.server.restore(stdout);
    expect((await back.pool.query(people)).rows).toEqual(expected);
  });
});
