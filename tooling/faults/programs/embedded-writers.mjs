// node embedded-writers.mjs DIRECTORY: opens the embedded database there, says "open", and inserts rows through an ordinary
// pool until it is killed; prints the number of each row that was acknowledged.
import { EmbeddedPostgres } from "@infra/embedded-postgres";
import { Pool } from "pg";

const server = await EmbeddedPostgres.open({ directory: process.argv[2] });
const pool = new Pool(server.pgConfig({ max: 8 }));
await pool.query("create table if not exists written(n bigint primary key, filler text)");
const { rows } = await pool.query("select coalesce(max(n), 0)::int as last from written");
let next = rows[0].last;
process.stdout.write("open\n");

async function write() {
  for (;;) {
    const n = (next += 1);
    await pool.query("insert into written values($1, repeat('x', 200))", [n]);
    process.stdout.write(`${n}\n`);
  }
}
await Promise.all(Array.from({ length: 8 }, write));
