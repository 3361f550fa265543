import { testDatabases, until } from "@infra/testing";
import { afterAll, describe, expect, it } from "@jest/globals";

import { openServerPool } from "../src/own-pool.js";

const [postgres] = await testDatabases(process.env, ["postgres"]);
const present = postgres!.missing === undefined ? describe : describe.skip;

present(`openServerPool() on ${postgres!.title}`, () => {
  afterAll(() => postgres!.close());

  it("a connection that breaks while it is in use ends no process", async () => {
    const own = await openServerPool(await postgres!.url(), { max: 2, options: "" }, () => {});
    const client = await own.pool.connect();
    const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
    await own.pool.query("select pg_terminate_backend($1)", [rows[0]!.pid]);
    const fails = (): Promise<boolean> =>
      client.query("select 1").then(
        () => false,
        () => true,
      );
    expect(await until(fails)).toBe(true);
    client.release();
    await own.destroy();
  });
});
