// Connects through the socket in a directory, as any client of another process does.
import pg from "pg";

const pool = new pg.Pool({
  host: process.argv[2]!,
  user: "postgres",
  database: "postgres",
  max: 2,
});
const client = await pool.connect();
client.on("notification", ({ channel, payload }) => {
  console.log(`${channel} ${payload}`);
  client.release();
  void pool.end();
});
await client.query("listen hello");
const { rowCount } = await pool.query("insert into shared values(1), (2)");
console.log(`inserted ${rowCount}`);
