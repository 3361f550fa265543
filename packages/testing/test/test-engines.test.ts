import { describe, expect, it } from "@jest/globals";
import pg from "pg";

import { testDatabases, testRedis } from "../src/index.js";

describe("testDatabases()", () => {
  it("names each engine once, with the reason where one is missing", async () => {
    const databases = await testDatabases();
    expect(databases.map(({ name }) => name)).toEqual(["embedded", "postgres"]);
    for (const { name, missing, title } of databases) {
      expect(title).toBe(missing === undefined ? name : `${name} (skipped: ${missing})`);
    }
  });

  it("has those that speak another SQL when it is asked for them", async () => {
    const databases = await testDatabases(process.env, ["mysql", "sqlite"]);
    expect(databases.map(({ name }) => name)).toEqual(["mysql", "sqlite"]);
    const [mysql, sqlite] = databases;
    const old = Number(process.versions.node.split(".")[0]) < 22;
    expect(sqlite!.missing).toBe(old ? "better-sqlite3 13 needs Node.js 22" : undefined);
    const [one, two] = [await sqlite!.url(), await sqlite!.url()];
    expect(one).toMatch(/^sqlite:.*\/test\.db$/);
    expect(two).not.toBe(one);
    await sqlite!.close();
    const { missing, title } = mysql!;
    expect(title).toBe(missing === undefined ? "mysql" : `mysql (skipped: ${missing})`);
  });

  it("makes databases of its own on the server it is given, and removes them", async () => {
    const [, own] = await testDatabases();
    const server = own!.missing === undefined ? await own!.url() : undefined;
    const [, given] = await testDatabases({ TEST_DATABASE_URL: server });
    const names = async (): Promise<string[]> => {
      const client = new pg.Client(server);
      await client.connect();
      const { rows } = await client.query<{ datname: string }>("select datname from pg_database");
      await client.end();
      return rows.map(({ datname }) => datname);
    };
    const urls = server === undefined ? [] : [await given!.url(), await given!.url()];
    const made = urls.map((url) => new URL(url).pathname.slice(1));
    expect(new Set(made).size).toBe(urls.length);
    expect(server === undefined ? [] : await names()).toEqual(expect.arrayContaining(made));
    await given!.close();
    const left = server === undefined ? [] : await names();
    expect(left.filter((name) => made.includes(name))).toEqual([]);
    await own!.close();
  }, 30_000);

  it("a missing engine that is required is an error", async () => {
    const databases = await testDatabases();
    const absent = databases.find(({ missing }) => missing !== undefined);
    const required = testDatabases({ REQUIRED_ENGINES: "embedded, postgres,redis" });
    const outcome = await required.then(
      () => "fine",
      (error: Error) => error.message,
    );
    expect(outcome).toBe(
      absent ? `REQUIRED_ENGINES names ${absent.name}, but ${absent.missing}` : "fine",
    );
  });
});

describe("testRedis()", () => {
  it("gives the server it was given, and leaves it running", async () => {
    const redis = testRedis({ TEST_REDIS_URL: "redis://example.test:6379" });
    expect(redis).toMatchObject({ name: "redis", title: "redis", missing: undefined });
    expect(await redis.url()).toBe("redis://example.test:6379");
    await redis.close();
  });
});
