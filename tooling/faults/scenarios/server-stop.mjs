import { Agent, get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import { startServer } from "../server-process.mjs";

export const title =
  "server: 50 keep-alive connections at 1,000 requests/s that watch readiness lose none over restarts";

const connections = 50;
/** The delay of the program, its slowest request, and what a process needs to end on a busy machine. */
const mostMs = 500 + 50 + 1450;

export async function run({ short }) {
  const restarts = short ? 3 : 20;
  const failures = [];
  const exits = [];
  let answered = 0;
  for (let restart = 0; restart < restarts; restart += 1) {
    const server = await startServer();
    const agent = new Agent({ keepAlive: true, maxSockets: connections });
    try {
      const red = new AbortController();
      const watcher = watch(`${server.url}/health/ready`, red);
      const clients = Array.from({ length: connections }, async () => {
        while (!red.signal.aborted) {
          const failure = await request(`${server.url}/work`, agent);
          if (failure) failures.push(failure);
          else answered += 1;
          // about 1,000 requests a second over all connections
          await sleep(connections / 2);
        }
      });
      await sleep(1000);
      const ended = await server.end();
      await Promise.all([watcher, ...clients]);
      if (ended.code !== 0 || ended.cut.length > 0) failures.push(ended.output);
      exits.push(ended.elapsedMs);
    } finally {
      agent.destroy();
      server.kill();
    }
  }
  const slowest = Math.max(...exits);
  return {
    ok: failures.length === 0 && answered > 0 && slowest < mostMs,
    seen: `${restarts} stops, ${answered} requests answered, ${failures.length} failed${failures.length > 0 ? ` (${failures[0]})` : ""}, slowest exit ${Math.round(slowest)} ms, wanted below ${mostMs}`,
  };
}

/** Aborts as soon as readiness is red. */
async function watch(url, red) {
  while (!red.signal.aborted) {
    const ready = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) await sleep(100);
    else red.abort();
  }
}

/** Resolves with what went wrong, or with nothing. */
function request(url, agent) {
  return new Promise((resolve) => {
    get(url, { agent }, (response) => {
      response.resume();
      response.on("error", (error) => resolve(error.message));
      response.on("end", () =>
        resolve(response.statusCode === 200 ? undefined : `status ${response.statusCode}`),
      );
    }).on("error", (error) => resolve(error.message));
  });
}
