// One measurement: servers and clients are processes of their own.
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import { startRedis } from "@infra/testing";

const sockets = 200;
// messages that the clients have not had yet
const window = 400;

/** Broadcasts as fast as the clients take it, then at 33 messages a second. */
export async function broadcast({ library, nodes, messages, paced }) {
  const redis = nodes === 2 ? await startRedis() : undefined;
  const children = [];
  const start = (file, ...args) => {
    const child = fork(join(import.meta.dirname, file), args);
    children.push(child);
    return child;
  };
  try {
    const servers = Array.from({ length: nodes }, () =>
      start("server.mjs", library, redis?.url ?? ""),
    );
    const ports = [];
    for (const server of servers) ports.push(await next(server, "port"));
    const clients = start("clients.mjs", library, String(ports.at(-1)), String(sockets));
    await next(clients, "ready");
    const done = next(clients, "done");
    done.catch(() => {});
    clients.on("message", ({ received }) => received && servers[0].send({ received }));
    const cpuBefore = await cpuOf(servers);
    const started = performance.now();
    servers[0].send({ publish: messages, window });
    clients.send({ expect: messages });
    await next(clients, "fast");
    const perSecond = (messages * sockets * 1_000) / (performance.now() - started);
    const cpuMicros = ((await cpuOf(servers)) - cpuBefore) / (messages * sockets);
    servers[0].send({ paced });
    clients.send({ expectPaced: paced });
    const { p99Ms, answer } = await done;
    return { perSecond, p99Ms, cpuMicros, answer };
  } finally {
    for (const child of children) {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    }
    await redis?.stop();
  }
}

/** What the servers have computed so far, in microseconds. */
async function cpuOf(servers) {
  let sum = 0;
  for (const server of servers) {
    server.send({ cpu: true });
    sum += await next(server, "cpu");
  }
  return sum;
}

/** What a process says next under a name. */
function next(child, name) {
  return new Promise((resolve, reject) => {
    const take = (message) => {
      if (!(name in message)) return;
      child.off("message", take);
      resolve(message[name]);
    };
    child.on("message", take);
    child.once("exit", (code) =>
      reject(new Error(`a process of the benchmark ended with ${code}`)),
    );
  });
}
