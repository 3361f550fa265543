import { startRedis } from "@infra/testing";
import { createClient } from "redis";

import { outage } from "../programs/jobs-outage.mjs";

export const title = "jobs: Redis frozen (SIGSTOP) for 5 s while enqueueing and working";

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
      forMs: short ? 2_000 : 5_000,
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
