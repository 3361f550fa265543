// Opens a directory in a thread, kills the thread in the middle of a query, and opens the directory again.
import type { Worker } from "node:worker_threads";

import { EmbeddedPostgres } from "../../src/index.js";

const directory = process.argv[2]!;
// the last: what loads TypeScript may be one too
let thread: Worker | undefined;
process.on("worker", (worker) => (thread = worker));
const server = await EmbeddedPostgres.open({ directory });
const pool = await server.pool();
await pool.query("create table kept(x int); insert into kept values(1)");
const outcomeOf = (query: Promise<unknown>): Promise<string> =>
  query.then(
    () => "answered",
    (error: { code?: string }) => error.code ?? "no code",
  );
const waiting = outcomeOf(pool.query("select pg_sleep(60)"));
const dumping = outcomeOf(server.dump());
await thread!.terminate();
console.log(`waiting: ${await waiting}`);
console.log(`dumping: ${await dumping}`);
console.log(`later: ${await outcomeOf(pool.query("select 1"))}`);
await server.close();
await using again = await EmbeddedPostgres.open({ directory });
const { rows } = await (await again.pool()).query("select x from kept");
console.log(`reopened: ${rows[0].x}`);
