import { startRedis } from "@infra/testing";

import { outage } from "../programs/jobs-outage.mjs";

export const title = "jobs: Redis frozen (SIGSTOP) for 5 s while enqueueing and working";

export async function run({ short }) {
  const server = await startRedis();
  try {
    return await outage({
      url: server.url,
      forMs: short ? 2_000 : 5_000,
      async leave() {
        server.freeze();
        return () => server.thaw();
      },
    });
  } finally {
    await server.stop();
  }
}
