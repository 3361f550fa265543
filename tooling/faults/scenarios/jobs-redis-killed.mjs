import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { findRedis } from "@infra/testing";
import { createClient } from "redis";

import { outage } from "../programs/jobs-outage.mjs";

export const title =
  "jobs: Redis killed (SIGKILL) for 5 s while enqueueing and working, started again with its data";

export async function run({ short }) {
  const folder = mkdtempSync(join(tmpdir(), "infra-faults-redis-"));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const settings = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""];
  let server;
  const start = async () => {
    server = spawn(findRedis(), ["--port", String(port), "--dir", folder, ...settings], {
      stdio: "ignore",
    });
    await answers(url);
  };
  try {
    await start();
    return await outage({
      url,
      forMs: short ? 2_000 : 5_000,
      async leave() {
        server.kill("SIGKILL");
        return start;
      },
    });
  } finally {
    server?.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}

async function answers(url) {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const client = createClient({ url, socket: { reconnectStrategy: false } });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.ping();
      return;
    } catch {
      await sleep(25);
    } finally {
      if (client.isOpen) client.destroy();
    }
  }
  throw new Error(`${url} does not answer`);
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
