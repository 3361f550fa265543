// node limited-app.ts redis|postgres URL NAME: an application with a limit of 100, counted there; says where it is.
import type { RateLimitStore } from "@infra/interfaces";
import { PostgresRateLimitStore } from "@infra/middleware/drivers/postgres";
import { RedisRateLimitStore } from "@infra/middleware/drivers/redis";
import { rateLimit } from "@infra/middleware/rate-limit";
import { fastify } from "fastify";
import { Pool } from "pg";

const [engine, url, name] = process.argv.slice(2) as [string, string, string];
const store: RateLimitStore =
  engine === "redis"
    ? new RedisRateLimitStore({ redis: url, prefix: `${name}:` })
    : new PostgresRateLimitStore({
        pool: new Pool({ connectionString: url, max: 2 }),
        table: name,
      });
const app = fastify();
// what is asked here is whether it counts right, not how quick a machine is
await app.register(rateLimit, { limit: 100, window: "1h", store, storeTimeout: "1m" });
app.get("/", () => "ok");
process.stdout.write(`listening ${await app.listen({ port: 0, host: "127.0.0.1" })}\n`);
process.on("disconnect", () => process.exit());
