import { startPostgres } from "@infra/testing";

import { outage } from "../programs/pubsub-outage.mjs";

export const title =
  "pubsub: PostgreSQL killed (SIGKILL) and started again under 200 messages a second";

export async function run({ short }) {
  const server = await startPostgres();
  try {
    return await outage({
      url: server.url,
      forMs: short ? 2_000 : 5_000,
      keeps: true,
      async leave() {
        await server.kill();
        return () => server.restart();
      },
    });
  } finally {
    await server.stop();
  }
}
