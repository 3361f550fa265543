// Two processes that serve one port, and two that run jobs, on PostgreSQL and Redis. Without DATABASE_URL and REDIS_URL
// servers of its own are started, from the programs on this machine. A process that ends is replaced.
import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

import { startPostgres, startRedis } from "@infra/testing";

type Role = "app" | "worker";

const given = process.env;
// gone with this process
const databaseUrl = given["DATABASE_URL"] ?? (await startPostgres()).url;
const redisUrl = given["REDIS_URL"] ?? (await startRedis()).url;

cluster.setupPrimary({
  exec: fileURLToPath(new URL(`./member${extname(import.meta.url)}`, import.meta.url)),
});
const members = new Map<Worker, { readonly role: Role; ready: boolean }>();
let stopping = false;

/** Starts a member; resolves to where it serves when it is ready. */
function fork(role: Role): Promise<string | undefined> {
  const worker = cluster.fork({
    ROLE: role,
    PORT: given["PORT"] ?? "3000",
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
  });
  const member = { role, ready: false };
  members.set(worker, member);
  return new Promise((resolve, reject) => {
    worker.once("message", ({ url }: { readonly url?: string }) => {
      member.ready = true;
      console.log(`${role} ${worker.process.pid} is ready`);
      resolve(url);
    });
    worker.once("exit", (code, signal) => {
      members.delete(worker);
      reject(new Error(`${role} ${worker.process.pid} ended before it was ready`));
      if (stopping || !member.ready) return;
      console.log(`${role} ${worker.process.pid} ended (${signal ?? code}), and is replaced`);
      fork(role).catch(stop);
    });
  });
}

/** Stops every member, and with them this process. */
function stop(failure?: unknown): void {
  if (failure) {
    console.error(failure);
    process.exitCode = 1;
  }
  if (stopping) return;
  stopping = true;
  for (const worker of members.keys()) if (worker.isConnected()) worker.send("stop");
}

for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stop());
try {
  const roles: readonly Role[] = ["app", "app", "worker", "worker"];
  const [url] = await Promise.all(roles.map(fork));
  console.log(`serving at ${url}`);
} catch (error) {
  stop(error);
}
while (members.size > 0) await once(cluster, "exit");
