import { RedisRateLimitStore } from "@infra/middleware/drivers/redis";
import { rateLimit } from "@infra/middleware/rate-limit";
import { startRedis } from "@infra/testing";
import { fastify } from "fastify";
import { createClient } from "redis";

export const title =
  "middleware: with the Redis of a rate limit frozen or gone, requests follow the policy within 250 ms";

const mostMs = 250;

export async function run() {
  const redis = await startRedis();
  const store = new RedisRateLimitStore({ redis: redis.url });
  const app = fastify();
  const seen = [];
  let trouble = "none";
  const control = createClient({ url: redis.url, socket: { reconnectStrategy: false } });
  control.on("error", () => undefined);
  try {
    for (const policy of ["allow", "refuse", "local"]) {
      await app.register(async (scope) => {
        await scope.register(rateLimit, {
          limit: 1,
          key: () => trouble,
          name: policy,
          store,
          onStoreFailure: policy,
          storeRetry: 1,
        });
        scope.get(`/${policy}`, () => "ok");
      });
    }
    const wanted = { allow: [200, 200], refuse: [503, 503], local: [200, 429] };
    const probe = async () => {
      for (const [policy, statuses] of Object.entries(wanted)) {
        const got = [];
        let slowestMs = 0;
        for (let at = 0; at < 2; at += 1) {
          const startedAt = performance.now();
          got.push((await app.inject(`/${policy}`)).statusCode);
          slowestMs = Math.max(slowestMs, performance.now() - startedAt);
        }
        const right = got.join() === statuses.join() && slowestMs <= mostMs;
        seen.push({
          right,
          text: `${trouble}, ${policy}: ${got.join(" ")}, ${Math.round(slowestMs)} ms`,
        });
      }
    };
    await control.connect();
    // connects, and loads what is loaded once
    for (const policy of Object.keys(wanted)) await app.inject(`/${policy}`);
    await control.sendCommand(["CLIENT", "PAUSE", "3000"]);
    trouble = "frozen";
    await probe();
    control.destroy();
    await redis.stop();
    trouble = "gone";
    await probe();
  } finally {
    await app.close();
    await store.close();
    if (control.isOpen) control.destroy();
    await redis.stop();
  }
  return { ok: seen.every(({ right }) => right), seen: seen.map(({ text }) => text).join("; ") };
}
