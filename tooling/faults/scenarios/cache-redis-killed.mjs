import { startRedis } from "@infra/testing";
import { createClient } from "redis";

import { outage } from "../programs/cache-outage.mjs";

export const title =
  "cache: Redis killed (SIGKILL) and started again, empty, under 500 reads a second";

export async function run({ short }) {
  const first = await startRedis();
  const servers = [first];
  const { port } = new URL(first.url);
  try {
    return await outage({
      url: first.url,
      forMs: short ? 3_000 : 5_000,
      async leave() {
        const client = createClient({ url: first.url });
        client.on("error", () => {});
        await client.connect();
        const [, pid] = /process_id:(\d+)/.exec(await client.info("server"));
        client.destroy();
        process.kill(Number(pid), "SIGKILL");
        return async () => {
          // the last setting of a name is the one that counts
          servers.push(await startRedis({ settings: { port } }));
        };
      },
    });
  } finally {
    for (const server of servers) await server.stop();
  }
}
