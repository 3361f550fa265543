// Opens a directory, and inserts rows until it is killed; prints the number of each row that was acknowledged.
import { EmbeddedPostgres } from "../../src/index.js";

const server = await EmbeddedPostgres.open({ directory: process.argv[2] });
const pool = await server.pool({ max: 4 });
await pool.query("create table if not exists written(n bigint primary key)");
const { rows } = await pool.query<{ n: number }>("select coalesce(max(n), 0)::int n from written");
let next = rows[0]!.n;
console.log("open");
const write = async (): Promise<never> => {
  for (;;) {
    const n = (next += 1);
    await pool.query("insert into written values($1)", [n]);
    process.stdout.write(`${n}\n`);
  }
};
await Promise.all([write(), write(), write(), write()]);
