// One route on @infra/server and on plain Fastify. The servers are processes of their own; the load comes from this one.
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import { load } from "../load.mjs";
import { versionsOf } from "../versions.mjs";

export const title = "GET /hello/:name, JSON by a response schema, 64 connections";
export const unit = "requests/s";
export const packages = ["@infra/server"];

export function versions() {
  return {
    ...versionsOf("fastify"),
    "plugins: @infra/middleware": versionsOf("@infra/middleware")["@infra/middleware"],
  };
}

const seconds = 2;

export const contestants = [
  contestant("fastify", "bare", "fastify-bare"),
  contestant("@infra/server, plugins off", "bare", "infra-bare"),
  contestant("fastify + the plugins", "plugins", "fastify-plugins"),
  contestant("@infra/server", "plugins", "infra-plugins"),
];

export const bars = [
  { contestant: "@infra/server", against: "fastify + the plugins", least: 0.9 },
  { contestant: "@infra/server, plugins off", against: "fastify", least: 0.95 },
];

function contestant(name, group, app) {
  return {
    name,
    group,
    /** Status, body and headers, without what differs from one request to the next. */
    answer: () =>
      withServer(app, async (url) => {
        const response = await fetch(`${url}/hello/you`);
        const { date: _date, ...headers } = Object.fromEntries(response.headers);
        if (headers["x-request-id"]) headers["x-request-id"] = "an id";
        return { status: response.status, headers, body: await response.text() };
      }),
    measure: () =>
      withServer(app, async (url, cpu) => {
        const target = { url: `${url}/hello/you`, connections: 64 };
        await load({ ...target, seconds: 1 }); // warm-up
        const before = await cpu();
        const value = await load({ ...target, seconds });
        const used = (await cpu()) - before;
        return { value, note: { "µs of CPU a request": used / (value * seconds) } };
      }),
  };
}

/**
 * Every measurement has a fresh process: a garbage collection at an unlucky moment of the boot makes process.nextTick of
 * Node.js 20 ten times slower for as long as the process lives, and with it a whole server by a quarter. One process per
 * contestant would measure that luck.
 */
async function withServer(app, use) {
  const child = fork(join(import.meta.dirname, "server", "app.mjs"), [app]);
  const exit = once(child, "exit");
  try {
    const failed = exit.then(([code]) => {
      throw new Error(`${app} ended with ${code} before it listened`);
    });
    const [url] = await Promise.race([once(child, "message"), failed]);
    return await use(url, async () => {
      child.send("cpu");
      const [{ user, system }] = await once(child, "message");
      return user + system;
    });
  } finally {
    child.kill();
    await exit;
  }
}
