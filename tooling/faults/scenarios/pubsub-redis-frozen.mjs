import { startRedis } from "@infra/testing";
import { createClient } from "redis";

import { outage } from "../programs/pubsub-outage.mjs";

export const title = "pubsub: Redis frozen (SIGSTOP) under 200 messages a second";

export async function run({ short }) {
  const server = await startRedis();
  const client = createClient({ url: server.url });
  await client.connect();
  const [, pid] = /process_id:(\d+)/.exec(await client.info("server"));
  client.destroy();
  const thaw = () => process.kill(Number(pid), "SIGCONT");
  try {
    return await outage({
      url: server.url,
      forMs: short ? 2_000 : 5_000,
      keeps: true,
      // what is told to a frozen server is heard when it thaws
      lossless: true,
      async leave() {
        process.kill(Number(pid), "SIGSTOP");
        return thaw;
      },
    });
  } finally {
    thaw();
    await server.stop();
  }
}
