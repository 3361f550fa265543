// @infra/server beside Fastify and NestJS. The servers are processes of their own; the load comes from this one.
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { load } from "../load.mjs";
import { versionsOf } from "../versions.mjs";
import { body } from "./server/note.mjs";

export const title =
  "Hello: GET /hello/:name, JSON by a response schema. Note: POST /notes/:id with params, a validated body, a JWT (jose; @infra/security on its side), a request id, security headers, one log line. 64 connections";
export const unit = "requests/s";
export const packages = ["@infra/server", "@infra/logging", "@infra/security"];

export function versions() {
  return {
    ...versionsOf("fastify", "pino", "@nestjs/core"),
    "plugins: @infra/middleware": versionsOf("@infra/middleware")["@infra/middleware"],
  };
}

const seconds = 2;

export const contestants = [
  hello("fastify", "bare", "fastify-bare"),
  hello("@infra/server, plugins off", "bare", "infra-bare"),
  hello("fastify + the plugins", "plugins", "fastify-plugins"),
  hello("@infra/server", "plugins", "infra-plugins"),
  note("note: fastify + helmet + pino", "fastify"),
  note("note: @infra/server", "@infra/server"),
  note("note: nestjs on fastify", "nestjs"),
];

export const bars = [
  { contestant: "@infra/server, plugins off", against: "fastify", least: 0.95 },
  { contestant: "@infra/server", against: "fastify + the plugins", least: 0.95 },
  { contestant: "note: @infra/server", against: "note: fastify + helmet + pino", least: 1 },
  { contestant: "note: @infra/server", against: "note: nestjs on fastify", least: 1.5 },
];

function hello(name, group, app) {
  return {
    name,
    group,
    /** Status, body and headers, without what differs from one request to the next. */
    answer: () =>
      withServer("app.mjs", [app], async ({ url }) => {
        const response = await fetch(`${url}/hello/you`);
        const { date: _date, ...headers } = Object.fromEntries(response.headers);
        if (headers["x-request-id"]) headers["x-request-id"] = "an id";
        return { status: response.status, headers, body: await response.text() };
      }),
    measure: () =>
      withServer("app.mjs", [app], ({ url }, cpu) => measure({ url: `${url}/hello/you` }, cpu)),
  };
}

function note(name, app) {
  const withApp = async (use) => {
    const folder = mkdtempSync(join(tmpdir(), "infra-bench-"));
    const file = join(folder, "app.log");
    try {
      return await withServer("realistic.mjs", [app, file], ({ url, token }, cpu) => {
        const headers = ["content-type: application/json", `authorization: Bearer ${token}`];
        return use({ url: `${url}/notes/7`, headers, body }, cpu, file);
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
  return {
    name,
    group: "note",
    /** What is answered to a good request, a bad body and no token; and what the line says of the first. */
    answer: () =>
      withApp(async ({ url, headers }, _cpu, file) => {
        const named = Object.fromEntries(headers.map((line) => line.split(": ")));
        const post = (more) => fetch(url, { method: "POST", headers: named, body, ...more });
        const good = await post({});
        const seen = {
          status: good.status,
          body: await good.json(),
          id: good.headers.get("x-request-id")?.length,
          careful: good.headers.get("x-content-type-options"),
          bad: (await post({ body: "{}" })).status,
          nobody: (await post({ headers: { "content-type": "application/json" } })).status,
        };
        const lines = readFileSync(file, "utf8")
          .split("\n")
          .filter(Boolean)
          .map((line) => JSON.parse(line));
        const { method, path, status, bytes, requestId } = lines.find((line) => line.method);
        return { ...seen, line: { method, path, status, bytes, id: requestId.length } };
      }),
    measure: () => withApp(measure),
  };
}

async function measure(request, cpu) {
  const target = { ...request, connections: 64 };
  await load({ ...target, seconds: 1 }); // warm-up
  const before = await cpu();
  const value = await load({ ...target, seconds });
  const used = (await cpu()) - before;
  return { value, note: { "µs of CPU a request": used / (value * seconds) } };
}

/**
 * Every measurement has a fresh process, whose boot ends with a full garbage collection: one at an unlucky moment makes
 * process.nextTick of Node.js 20 ten times slower for as long as the process lives, and with it a whole server by a quarter.
 */
async function withServer(program, args, use) {
  const child = fork(join(import.meta.dirname, "server", program), args, {
    execArgv: ["--expose-gc"],
  });
  const exit = once(child, "exit");
  try {
    const failed = exit.then(([code]) => {
      throw new Error(`${args[0]} ended with ${code} before it listened`);
    });
    failed.catch(() => {});
    const [ready] = await Promise.race([once(child, "message"), failed]);
    return await use(ready, async () => {
      child.send("cpu");
      const [{ user, system }] = await once(child, "message");
      return user + system;
    });
  } finally {
    child.kill();
    await exit;
  }
}
