// Opens a directory, says whether that worked, and leaves without closing it.
import { EmbeddedPostgres } from "../../src/index.js";

try {
  const server = await EmbeddedPostgres.open({ directory: process.argv[2] });
  const pool = await server.pool({ max: 1, allowExitOnIdle: true });
  await pool.query("create table if not exists left_open(x int)");
  console.log("open");
} catch (error) {
  const { code, message } = error as Error & { code?: string };
  console.log(`${code} ${message}`);
}
