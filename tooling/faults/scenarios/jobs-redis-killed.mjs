import { startRedis } from "@infra/testing";

import { outage } from "../programs/jobs-outage.mjs";

export const title =
  "jobs: Redis killed (SIGKILL) for 5 s while enqueueing and working, started again with its data";

export async function run({ short }) {
  const server = await startRedis({ settings: { appendonly: "yes", appendfsync: "always" } });
  try {
    return await outage({
      url: server.url,
      forMs: short ? 2_000 : 5_000,
      async leave() {
        await server.kill();
        return () => server.restart();
      },
    });
  } finally {
    await server.stop();
  }
}
