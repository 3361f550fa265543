import { startRedis } from "@infra/testing";

import { outage } from "../programs/cache-outage.mjs";

export const title =
  "cache: Redis killed (SIGKILL) and started again, empty, under 500 reads a second";

export async function run({ short }) {
  const server = await startRedis();
  try {
    return await outage({
      url: server.url,
      forMs: short ? 3_000 : 5_000,
      async leave() {
        await server.kill();
        return () => server.restart();
      },
    });
  } finally {
    await server.stop();
  }
}
