import { startRedis } from "@infra/testing";
import { createClient } from "redis";

import { outage } from "../programs/cache-outage.mjs";

export const title = "cache: Redis frozen (SIGSTOP) under 500 reads a second";

export async function run({ short }) {
  const server = await startRedis();
  const client = createClient({ url: server.url });
  await client.connect();
  const [, pid] = /process_id:(\d+)/.exec(await client.info("server"));
  client.destroy();
  let frozen = false;
  const thaw = () => {
    if (frozen) process.kill(Number(pid), "SIGCONT");
    frozen = false;
  };
  try {
    return await outage({
      url: server.url,
      forMs: short ? 3_000 : 5_000,
      async leave() {
        process.kill(Number(pid), "SIGSTOP");
        frozen = true;
        return thaw;
      },
    });
  } finally {
    thaw();
    await server.stop();
  }
}
