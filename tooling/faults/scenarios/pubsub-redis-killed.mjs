import { startRedis } from "@infra/testing";
import { createClient } from "redis";

import { outage } from "../programs/pubsub-outage.mjs";

export const title =
  "pubsub: Redis killed (SIGKILL) and started again, empty, under 200 messages a second";

export async function run({ short }) {
  const servers = [await startRedis()];
  const { url } = servers[0];
  try {
    return await outage({
      url,
      forMs: short ? 2_000 : 5_000,
      async leave() {
        const client = createClient({ url });
        client.on("error", () => {});
        await client.connect();
        const [, pid] = /process_id:(\d+)/.exec(await client.info("server"));
        client.destroy();
        process.kill(Number(pid), "SIGKILL");
        return async () => {
          // the last setting of a name is the one that counts
          servers.push(await startRedis({ settings: { port: new URL(url).port } }));
        };
      },
    });
  } finally {
    for (const server of servers) await server.stop();
  }
}
