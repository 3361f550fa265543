import { mkdtempSync, rmSync } from "node:fs";
import { Agent, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { createAlbum, signUp, startDemo } from "../demo-process.mjs";

export const title = "demo: SIGTERM under load fails no request of a client that watches readiness";

const connections = 50;
const budgetMs = 10_000;

export async function run({ short }) {
  const restarts = short ? 2 : 20;
  const folder = mkdtempSync(join(tmpdir(), "infra-faults-"));
  let answered = 0;
  let headers;
  const failures = [];
  const exits = [];
  try {
    for (let restart = 0; restart < restarts; restart++) {
      const demo = await startDemo(folder);
      headers ??= await signUp(demo.url);
      const id = await createAlbum(demo.url, headers, "read under load");
      const agent = new Agent({ keepAlive: true, maxSockets: connections });
      const red = new AbortController();
      const watcher = (async () => {
        while (!red.signal.aborted) {
          const ready = await fetch(`${demo.url}/health/ready`).then(
            (response) => response.ok,
            () => false,
          );
          if (ready) await sleep(100);
          else red.abort();
        }
      })();
      const clients = Array.from({ length: connections }, async () => {
        while (!red.signal.aborted) {
          const failure = await request(`${demo.url}/api/albums/${id}`, { agent, headers });
          if (failure) failures.push(failure);
          else answered += 1;
          // about 1,000 requests a second over all connections
          await sleep(connections);
        }
      });
      await sleep(1000);
      const ended = await demo.end("SIGTERM");
      await Promise.all([watcher, ...clients]);
      agent.destroy();
      if (ended.code !== 0) failures.push(`exit code ${ended.code}:\n${demo.output()}`);
      exits.push(ended.elapsedMs);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const slowest = Math.max(...exits);
  return {
    ok: failures.length === 0 && answered > 0 && slowest < budgetMs,
    seen: `${restarts} stops, ${answered} requests answered, ${failures.length} failed${failures.length > 0 ? ` (${failures[0]})` : ""}, slowest exit ${Math.round(slowest)} ms`,
  };
}

/** Resolves with what went wrong, or with nothing. */
function request(url, options) {
  return new Promise((resolve) => {
    get(url, options, (response) => {
      response.resume();
      response.on("error", (error) => resolve(error.message));
      response.on("end", () =>
        resolve(response.statusCode === 200 ? undefined : `status ${response.statusCode}`),
      );
    }).on("error", (error) => resolve(error.message));
  });
}
